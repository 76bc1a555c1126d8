"""Figures of scores: rows against each other, a column with its deviations, what parts add."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from lab.plots import GREEN, INK, finite, framed

REFERENCE = "#a49d92"  # what methods stand between is no method
ROW_HEIGHT = 34  # pixels of a bar with its gap


def bars(
    names: Sequence[str],
    values: np.ndarray,
    *,
    deviations: np.ndarray | None = None,
    references: Sequence[str] = (),
    title: str = "",
) -> go.Figure:
    """One column of a table, a bar per row, the first on top.

    Args:
        names: (N,) rows. values: (N,). deviations: (N,) not negative, 0 where there is none.
        references: the rows that are no methods; drawn in grey. title: of the axis.

    Raises:
        ValueError: another number of values than names, or values that are not finite.
    """
    values, errors = _columns(names, values, deviations)
    bar = go.Bar(
        x=values,
        y=list(names),
        orientation="h",
        marker={"color": [REFERENCE if name in references else GREEN for name in names]},
        error_x={"type": "data", "array": errors, "visible": bool(errors.any()), "color": INK},
        hovertemplate="%{y}: %{x:.4g}<extra></extra>",
    )
    figure = _rows(bar, count=len(names))
    figure.update_layout(bargap=0.35)
    figure.update_xaxes(title=title)
    figure.update_yaxes(autorange="reversed", showgrid=False)
    # Beside the name: on the bar it would lie under the deviation's whisker.
    said = [f"{name}   <b>{value:.3g}</b>  " for name, value in zip(names, values, strict=True)]
    figure.update_yaxes(tickmode="array", tickvals=list(names), ticktext=said)
    return figure


def intervals(names: Sequence[str], rates: np.ndarray, bounds: np.ndarray) -> go.Figure:
    """Win rates with their intervals, the first on top, half marked.

    Args:
        names: (N,). rates: (N,) in [0, 1]. bounds: (N, 2) lower and upper.

    Raises:
        ValueError: shapes that do not fit, or values that are not finite.
    """
    rates, bounds = finite(rates, 1, "Rates"), finite(bounds, 2, "Intervals")
    if len(rates) != len(names) or bounds.shape != (len(names), 2):
        raise ValueError(f"There are {len(names)} rows; give one rate and two bounds each.")
    points = go.Scatter(
        x=rates,
        y=list(names),
        mode="markers",
        marker={"color": GREEN, "size": 11},
        error_x={
            "type": "data",
            "symmetric": False,
            "array": bounds[:, 1] - rates,
            "arrayminus": rates - bounds[:, 0],
            "color": INK,
        },
        hovertemplate="%{y}: %{x:.1%}<extra></extra>",
    )
    figure = _rows(points, count=len(names))
    figure.add_vline(0.5, line={"color": INK, "width": 1, "dash": "dot"})
    figure.update_xaxes(title="win rate", range=[-0.02, 1.02], tickformat=".0%")
    figure.update_yaxes(autorange="reversed", ticksuffix="  ")
    return figure


def apart(
    names: Sequence[str], values: np.ndarray, *, deviations: np.ndarray, title: str = ""
) -> go.Figure:
    """Rows as points with their spreads, and the first as a line to hold them against.

    Args:
        names, values, deviations: as for `bars`; the first row is the whole, of which the others
            leave something out.
    """
    values, errors = _columns(names, values, deviations)
    points = go.Scatter(
        x=values,
        y=list(names),
        mode="markers",
        marker={"color": [INK, *[GREEN] * (len(names) - 1)], "size": 11},
        error_x={"type": "data", "array": errors, "color": INK},
        hovertemplate="%{y}: %{x:.4g}<extra></extra>",
    )
    figure = _rows(points, count=len(names))
    if len(values):
        figure.add_vline(float(values[0]), line={"color": INK, "width": 1, "dash": "dot"})
    figure.update_xaxes(title=title)
    figure.update_yaxes(autorange="reversed", ticksuffix="  ")
    return figure


def column(
    rows: Mapping[str, Mapping[str, float]], name: str, *, deviation: str
) -> tuple[list[str], np.ndarray, np.ndarray]:
    """The rows that have a column, its values, and its deviations (0 where there is none)."""
    found = {row: values for row, values in rows.items() if _is_finite(values.get(name))}
    numbers = [[values[name], values.get(deviation) or 0.0] for values in found.values()]
    table = np.array(numbers, np.float64).reshape(-1, 2)
    return list(found), table[:, 0], table[:, 1]


def _columns(
    names: Sequence[str], values: np.ndarray, deviations: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray]:
    values = finite(values, 1, "Values")
    errors = finite(np.zeros(len(values)) if deviations is None else deviations, 1, "Deviations")
    if not len(names) == len(values) == len(errors):
        raise ValueError(f"There are {len(names)} rows; give one value and one deviation each.")
    return values, errors


def _rows(trace: Any, *, count: int) -> go.Figure:
    """A trace in the lab's frame, as high as its rows need, with room for the axis' title."""
    figure = framed(trace, height=116 + ROW_HEIGHT * max(1, count))
    return figure.update_layout(margin={"t": 28, "b": 66})


def _is_finite(value: object) -> bool:
    return type(value) in (int, float) and bool(np.isfinite(value))
