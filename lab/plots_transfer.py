"""Figures of style transfer: matrices, covariances, errors, quality; arrays in, figures out."""

from collections.abc import Mapping, Sequence
from itertools import cycle

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from lab.plots import DIVERGING, GREEN, INK, LINES, finite, framed, transform_matrix

PALE = "#b3aea6"


def folded_map(weight: np.ndarray) -> go.Figure:
    """The whole map between encoder and decoder, (C, C), as a heat-map."""
    shown = transform_matrix(weight)
    what = "new feature %{y} from content feature %{x}: %{z:.3f}<extra></extra>"
    shown.update_traces(hovertemplate=what)
    shown.update_xaxes(title="content feature")
    shown.update_yaxes(title="new feature")
    return shown


def matrices(named: Mapping[str, np.ndarray], *, alike: bool = True) -> go.Figure:
    """Square matrices side by side, such as S, C and T, or covariances before and after.

    Args:
        named: title → (n, n) float, at least one.
        alike: one scale of colours for all; else each has its own.

    Raises:
        ValueError: no matrix, or one that is not finite.
    """
    if not named:
        raise ValueError("There is no matrix to draw; give at least one.")
    arrays = {title: finite(matrix, 2, title) for title, matrix in named.items()}
    limits = [float(np.abs(matrix).max()) or 1.0 for matrix in arrays.values()]
    shared = {"colorscale": list(DIVERGING), "showscale": False}
    drawn = make_subplots(cols=len(arrays), subplot_titles=list(arrays), horizontal_spacing=0.05)
    for number, (title, matrix) in enumerate(arrays.items(), 1):
        limit = max(limits) if alike else limits[number - 1]
        what = f"{title}, row %{{y}}, column %{{x}}: %{{z:.3g}}<extra></extra>"
        heat = go.Heatmap(z=matrix, zmin=-limit, zmax=limit, hovertemplate=what, **shared)
        drawn.add_trace(heat, row=1, col=number)
        across = "x" if number == 1 else f"x{number}"
        drawn.update_yaxes(autorange="reversed", scaleanchor=across, col=number)
    drawn = framed(drawn, height=320)
    drawn.update_xaxes(showgrid=False, constrain="domain")
    drawn.update_yaxes(showgrid=False, constrain="domain")
    drawn.update_annotations(font={"color": INK, "size": 13})
    return drawn


def style_errors(errors: Mapping[str, float], *, own: str | None = None) -> go.Figure:
    """How far covariances of features are from the style's: bars, 0 is there.

    Args:
        errors: what has the covariance → relative Frobenius error. own: the one to stand out.
    """
    values = finite(np.array(list(errors.values())), 1, "Errors")
    bars = go.Bar(
        x=values,
        y=list(errors),
        orientation="h",
        text=[f"{value:.3g}" for value in values],
        textposition="outside",
        cliponaxis=False,
        marker={"color": [GREEN if name == own else PALE for name in errors]},
        hovertemplate="%{y}: %{x:.4g}<extra></extra>",
    )
    drawn = framed(bars, height=90 + 34 * len(errors))
    drawn.update_xaxes(title="‖Σ - Σ(style)‖ / ‖Σ(style)‖", rangemode="tozero")
    drawn.update_yaxes(autorange="reversed", showgrid=False)
    return drawn


def spectra(covariances: Mapping[str, np.ndarray]) -> go.Figure:
    """Eigenvalues of covariances, largest first, on a scale of powers: title → (C, C)."""
    traces = []
    for (title, covariance), color in zip(covariances.items(), cycle(LINES), strict=False):
        values = np.linalg.eigvalsh(finite(covariance, 2, title))[::-1]
        values = np.where(values > values.max(initial=0) * 1e-9, values, np.nan)
        x, line = np.arange(1, len(values) + 1), {"color": color, "width": 2}
        traces.append(go.Scatter(x=x, y=values, name=title, mode="lines", line=line))
    drawn = framed(*traces, height=340)
    drawn.update_layout(showlegend=True, legend={"orientation": "h", "y": -0.28})
    drawn.update_xaxes(title="direction")
    drawn.update_yaxes(title="variance", type="log")
    return drawn


def quality_against_size(sizes: Sequence[int], rows: Mapping[str, Sequence[float]]) -> go.Figure:
    """A distance for every method at growing sizes.

    Args:
        sizes: longer sides in pixels. rows: method → one value per size.

    Raises:
        ValueError: another number of values than sizes.
    """
    traces = []
    for (name, values), color in zip(rows.items(), cycle(LINES), strict=False):
        values = finite(np.asarray(values), 1, name)
        if len(values) != len(sizes):
            raise ValueError(f"{name} has {len(values)} values; expected one for each size.")
        line = {"color": color, "width": 2}
        traces.append(go.Scatter(x=list(sizes), y=values, name=name, mode="lines+markers",
                                 line=line))  # fmt: skip
    drawn = framed(*traces, height=340)
    drawn.update_layout(showlegend=True, legend={"orientation": "h", "y": -0.28})
    drawn.update_xaxes(title="longer side, pixels", type="log", tickvals=list(sizes))
    drawn.update_yaxes(title="style distance", rangemode="tozero")
    return drawn


def style_against_content(rows: Mapping[str, Sequence[tuple[float, float]]]) -> go.Figure:
    """Methods at growing strength: the lower and the further left a curve, the better.

    Args:
        rows: method → (content distance, style distance), by rising strength.

    Raises:
        ValueError: values that are no finite pairs.
    """
    traces = []
    for (name, points), color in zip(rows.items(), cycle(LINES), strict=False):
        values = finite(np.asarray(points), 2, name)
        traces.append(go.Scatter(x=values[:, 0], y=values[:, 1], name=name, mode="lines+markers",
                                 line={"color": color, "width": 2}))  # fmt: skip
    drawn = framed(*traces, height=420)
    drawn.update_layout(showlegend=True, legend={"orientation": "h", "y": -0.22})
    drawn.update_xaxes(title="content distance", rangemode="tozero")
    drawn.update_yaxes(title="style distance", rangemode="tozero")
    return drawn
