"""Figures: arrays in, plotly figures out; nothing is read, written or shown here."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from plotly.colors import sample_colorscale

INK = "#8a857d"  # readable on paper and on dark alike
GRID = "rgba(138, 133, 125, 0.25)"
EDGES = "#b3aea6"  # of a box in space, where WebGL would lose a transparent line
GREEN = "#33806d"
LINES = ("#33806d", "#b5652f", "#4a6fa5", "#9a5b8f", "#8a8a2f", "#5b5b5b", "#c2994b")
DASHES = ("solid", "dot", "dash")  # where there are more lines than colours
# Diverging around white-grey: negative rust, positive green.
DIVERGING = ("#9c4a1a", "#d99a6c", "#f1efeb", "#7cbaa8", "#1a4f42")


def transform_matrix(matrix: np.ndarray) -> go.Figure:
    """The matrix of a linear transfer as a heat-map, zero in the middle of the colours.

    Args:
        matrix: (k, k) float; row i says of which content channels the i-th new channel is made.
    """
    matrix = finite(matrix, 2, "A matrix")
    limit = float(np.abs(matrix).max()) or 1.0
    heat = go.Heatmap(
        z=matrix,
        zmin=-limit,
        zmax=limit,
        colorscale=list(DIVERGING),
        colorbar={"thickness": 10, "outlinewidth": 0},
        hovertemplate="new channel %{y} from content channel %{x}: %{z:.3f}<extra></extra>",
    )
    figure = framed(heat, height=380)
    figure.update_xaxes(title="content channel", showgrid=False, constrain="domain")
    figure.update_yaxes(title="new channel", showgrid=False, constrain="domain")
    figure.update_yaxes(autorange="reversed", scaleanchor="x")  # row 0 on top, square cells
    return figure


def singular_values(matrix: np.ndarray) -> go.Figure:
    """How strongly a matrix stretches its directions: its singular values, largest first.

    Args:
        matrix: (k, k) float.
    """
    values = np.linalg.svd(finite(matrix, 2, "A matrix"), compute_uv=False)
    bars = go.Bar(
        x=np.arange(1, len(values) + 1),
        y=values,
        marker={"color": GREEN, "line": {"width": 0}},
        hovertemplate="direction %{x}: %{y:.3f}<extra></extra>",
    )
    figure = framed(bars, height=380)
    figure.update_xaxes(title="direction", showgrid=False)
    figure.update_yaxes(title="singular value", rangemode="tozero")
    return figure


def style_scatter(
    centers: np.ndarray, sizes: np.ndarray, *, colors: Sequence[str] | None = None
) -> go.Figure:
    """The cluster centres of a class, sized by how many objects each holds.

    Args:
        centers: (S, F) features in [-1, 1]; more than three are projected onto their three
            directions of largest variance, fewer than three are drawn as they are.
        sizes: (S,) objects per cluster, not negative.
        colors: one CSS colour per cluster; the colour its objects are drawn in.

    Raises:
        ValueError: another number of sizes or colours than centres, or values not finite.
    """
    centers = finite(centers, 2, "Cluster centres")
    sizes = finite(sizes, 1, "Cluster sizes")
    if len(sizes) != len(centers) or (colors is not None and len(colors) != len(centers)):
        raise ValueError(f"There are {len(centers)} centres; give one size and one colour each.")
    points, axes = project(centers)
    marker = {
        "size": 10 + 34 * np.sqrt(sizes / max(1.0, float(sizes.max(initial=0)))),  # area = count
        "sizemode": "diameter",
        "color": list(colors) if colors is not None else GREEN,
        "opacity": 1.0,
        "line": {"color": INK, "width": 1},
    }
    words = [f"look {i + 1}: {int(size)} objects" for i, size in enumerate(sizes)]
    shared = {
        "mode": "markers+text",
        "marker": marker,
        "text": [str(i + 1) for i in range(len(centers))],
        "textfont": {"color": INK, "size": 12},
        "hovertext": words,
        "hoverinfo": "text",
    }
    if points.shape[1] < 3:
        x, y = points.T if points.shape[1] == 2 else (points[:, 0], np.zeros(len(points)))
        figure = framed(go.Scatter(x=x, y=y, textposition="top center", **shared), height=420)
        figure.update_xaxes(title=axes[0])
        figure.update_yaxes(title=axes[1] if len(axes) > 1 else "")
        return figure
    x, y, z = points.T
    figure = framed(go.Scatter3d(x=x, y=y, z=z, **shared), height=420)
    titles = dict(zip(("xaxis", "yaxis", "zaxis"), axes, strict=True))
    axis = {"gridcolor": EDGES, "showbackground": False, "zerolinecolor": EDGES, "color": INK}
    figure.update_scenes(**{name: {**axis, "title": {"text": t}} for name, t in titles.items()})
    return figure


def project(centers: np.ndarray) -> tuple[np.ndarray, list[str]]:
    """At most three coordinates per centre, and what they are called.

    (S, F) → (S, min(F, 3)): the features themselves up to three, else the principal components.
    """
    count, features = centers.shape
    if features <= 3:
        return centers, [f"feature {i + 1}" for i in range(features)]
    centred = centers - centers.mean(0)
    scores = np.zeros((count, 3))
    left, values, _ = np.linalg.svd(centred, full_matrices=False)
    kept = min(3, len(values))
    scores[:, :kept] = (left * values)[:, :kept]
    share = values**2 / max(float((values**2).sum()), 1e-12)
    share = np.append(share, np.zeros(3))
    return scores, [f"component {i + 1} ({share[i]:.0%})" for i in range(3)]


def learning_curves(
    history: Sequence[Mapping[str, Any]], names: Sequence[str] | None = None
) -> go.Figure:
    """The numbers of a training run over its steps.

    Args:
        history: one record per report, each with "step" and numbers by name; gaps are left out.
        names: which to draw; None draws every name that holds numbers.
    """
    records = [record for record in history if _is_number(record.get("step"))]
    if names is None:
        found = [key for record in records for key, value in record.items() if _is_number(value)]
        names = [key for key in dict.fromkeys(found) if key != "step"]
    traces = []
    for i, name in enumerate(names):
        points = [(r["step"], r[name]) for r in records if _is_number(r.get(name))]
        x, y = zip(*points, strict=True) if points else ((), ())
        again, color = divmod(i, len(LINES))
        line = {"color": LINES[color], "width": 2, "dash": DASHES[again % len(DASHES)]}
        traces.append(go.Scatter(x=x, y=y, name=name, mode="lines", line=line))
    figure = framed(*traces, height=340)
    figure.update_layout(showlegend=True, legend={"orientation": "h", "y": -0.28})
    figure.update_xaxes(title="step")
    return figure


def color_table(name: str, count: int = 256) -> np.ndarray:
    """A colour scale of plotly as (count, 3) red, green, blue in [0, 1], from low to high."""
    return np.array(sample_colorscale(name, count, colortype="tuple"))


def framed(*traces: Any, height: int) -> go.Figure:
    """Traces in the lab's own frame; a finished figure may stand in place of the traces."""
    whole = len(traces) == 1 and isinstance(traces[0], go.Figure)
    figure = traces[0] if whole else go.Figure(list(traces))
    figure.update_layout(
        template="none",
        height=height,
        margin={"l": 56, "r": 16, "t": 40, "b": 48},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"color": INK, "size": 12},
        showlegend=False,
        # Always there on touch screens: small enough to leave room for a label, and no backdrop.
        modebar={"bgcolor": "rgba(0,0,0,0)", "color": GRID, "activecolor": GREEN},
        modebar_remove=["zoomIn", "zoomOut", "autoScale", "select", "lasso", "pan"],
    )
    figure.update_xaxes(gridcolor=GRID, zerolinecolor=GRID, automargin=True)
    figure.update_yaxes(gridcolor=GRID, zerolinecolor=GRID, automargin=True)
    return figure


def finite(values: np.ndarray, dimensions: int, what: str) -> np.ndarray:
    """The values as float64.

    Raises:
        ValueError: another number of dimensions, or values that are not finite.
    """
    array = np.asarray(values, np.float64)
    if array.ndim != dimensions or not np.isfinite(array).all():
        raise ValueError(
            f"{what} must be finite numbers in {dimensions} dimension(s); got shape {array.shape}."
        )
    return array


def _is_number(value: Any) -> bool:
    return type(value) in (int, float) and bool(np.isfinite(value))
