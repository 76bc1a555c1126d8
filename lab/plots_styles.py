"""Figures of the looks of a class: its objects in the space of their features, by cluster."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from lab.plots import GREEN, INK, finite, framed, project, style_scatter

# Told apart by everybody (Tol's bright, then muted), on paper and on dark.
COLORS = (
    "#4477aa",
    "#ee6677",
    "#228833",
    "#ccbb44",
    "#66ccee",
    "#aa3377",
    "#999933",
    "#882255",
    "#44aa99",
    "#cc6677",
    "#6699cc",
    "#997700",
)
FADED = 0.12


def object_scatter(
    features: np.ndarray,
    members: np.ndarray,
    centers: np.ndarray,
    *,
    painted: Sequence[str] = (),
    selected: int | None = None,
) -> go.Figure:
    """Objects as small points and centres as large ones in the colour of their cluster; what it
    paints colours its labels under the mouse and its mark in the legend.

    Without objects there is nothing to tell apart, so the centres themselves are what they paint.

    Args:
        features: (N, F) style vectors in [-1, 1]; three are shown as they are, more are projected
            onto the three directions in which objects and centres differ most.
        members: (N,) the cluster of each. centers: (S, F), numbered from 1 in the figure.
        painted: "#rrggbb", what each cluster paints on average; none before that is known.
        selected: the cluster whose objects stand out.

    Raises:
        ValueError: other numbers of members or colours, a cluster without a centre, or values not
            finite.
    """
    features, centers = finite(features, 2, "Objects"), finite(centers, 2, "Cluster centres")
    count, members = len(centers), np.asarray(members)
    if len(members) != len(features) or (len(members) and not 0 <= members.max() < count):
        raise ValueError(
            f"There are {len(features)} objects and {count} clusters; give the cluster of each."
        )
    if painted and len(painted) != count:
        raise ValueError(f"There are {count} clusters; give what each paints, not {len(painted)}.")
    points, axes = project(np.concatenate([centers, features]))
    sizes = np.bincount(members, minlength=count)
    told = [COLORS[cluster % len(COLORS)] for cluster in range(count)]
    shown = told if len(features) else painted or [INK] * count
    figure = style_scatter(points[:count], sizes, colors=shown)
    if len(features):
        diamonds = {"marker": {"size": 9, "symbol": "diamond"}, "showlegend": False}
        figure.update_traces({**diamonds, "textposition": "top center"})
        for cluster in range(count):
            own = points[count:][members == cluster]
            faded = selected is not None and cluster != selected
            figure.add_trace(_cloud(own, cluster, FADED if faded else 0.85))
    if painted:
        _tell(figure, painted)
    return _roomy(figure, axes)


def _tell(figure: go.Figure, painted: Sequence[str]) -> None:
    """Says in words and colours what every cluster paints: in labels under the mouse, and in the
    legend."""
    centers, *clouds = figure.data
    centers.hovertext = [
        f"{said}, painting {color}" for said, color in zip(centers.hovertext, painted, strict=True)
    ]
    centers.hoverlabel.bgcolor = list(painted)
    for cloud, color in zip(clouds, painted, strict=False):  # no clouds where there are no objects
        name = cloud.name
        cloud.hovertemplate = f"an object of {name}, painting {color}<extra></extra>"
        cloud.hoverlabel.bgcolor = color
        cloud.name = f'{name} <span style="color:{color}">■</span>'


def _roomy(figure: go.Figure, axes: list[str]) -> go.Figure:
    """The figure as large as its frame, with a legend of the clusters."""
    if isinstance(figure.data[0], go.Scatter3d):
        titles = dict(zip(("xaxis", "yaxis", "zaxis"), axes, strict=True))
        named = {name: {"title": {"text": f"<br>{text}"}} for name, text in titles.items()}
        eye, center = {"x": 1.5, "y": 1.5, "z": 0.88}, {"x": 0, "y": 0, "z": -0.12}
        figure.update_scenes(**named, aspectmode="cube", camera={"eye": eye, "center": center})
    legend = {"orientation": "h", "y": -0.02, "itemsizing": "constant"}
    figure.update_layout(
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        legend=legend,
        showlegend=len(figure.data) > 1,
    )
    return figure


def _cloud(points: np.ndarray, cluster: int, opacity: float) -> go.Scatter | go.Scatter3d:
    """The objects of one cluster."""
    color = COLORS[cluster % len(COLORS)]
    shared = {
        "mode": "markers",
        "marker": {"size": 4, "color": color, "opacity": opacity, "line": {"width": 0}},
        "hovertemplate": f"an object of look {cluster + 1}<extra></extra>",
        "name": f"look {cluster + 1}",
    }
    if points.shape[1] == 3:
        x, y, z = points.T
        return go.Scatter3d(x=x, y=y, z=z, **shared)
    x, y = points.T if points.shape[1] == 2 else (points[:, 0], np.zeros(len(points)))
    return go.Scatter(x=x, y=y, **shared)


def silhouette_bars(scores: dict[int, float], chosen: int) -> go.Figure:
    """The mean silhouette under every number of clusters, the chosen number marked.

    Args:
        scores: number of clusters → silhouette in [-1, 1].
    """
    counts = sorted(scores)
    bars = go.Bar(
        x=counts,
        y=[scores[count] for count in counts],
        marker={"color": [GREEN if count == chosen else INK for count in counts]},
        hovertemplate="%{x} looks: silhouette %{y:.2f}<extra></extra>",
    )
    figure = framed(bars, height=190)
    figure.update_xaxes(title="number of looks", showgrid=False, dtick=1)
    figure.update_yaxes(title="silhouette", rangemode="tozero")
    figure.update_layout(margin={"t": 12}, modebar_remove=["toImage", "zoom", "resetScale"])
    return figure
