"""Pedestrians and cyclists, posed by the phase of a step or of a pedal."""

import numpy as np

from lab.data.town.bodies import CLOTH, LEGS, Body
from lab.data.town.canvas import Canvas
from lab.data.town.layout import Thing
from lab.data.town.light import Light

_NEAREST = {"pedestrian": 2.5, "bicyclist": 3.2}  # metres; nearer ones are left out
_SHOE, _RUBBER, _SPOKE, _GRIP = (0.1, 0.09, 0.08), (0.06,) * 3, (0.6,) * 3, (0.15,) * 3
_FRAMES = ("red", "blue", "black", "green")
_HUB, _TYRE = 0.34, 0.33  # height of a wheel's hub and its radius in metres


def draw_pedestrian(canvas: Canvas, light: Light, thing: Thing) -> None:
    """Draws somebody walking or standing."""
    if thing.z < _NEAREST["pedestrian"]:
        return
    body, h = Body(canvas, light, thing), thing.params["height"] / 1.75
    stride = 0.34 * np.sin(thing.params["phase"]) if body.number % 5 else 0.05
    hip, knee, chest, neck = 0.90 * h, 0.47 * h, 1.30 * h, 1.45 * h
    for side in (-1, 1):
        _walking_leg(body, side, stride, (hip, knee))
    if body.number % 7 == 0:  # a skirt
        body.limb([(0, hip + 0.05, 0), (0, knee, 0)], (0.15, 0.24), body.cloth, shade=0.85)
    far, near = body.sides
    _arm(body, far, h, far * -stride * 0.8)
    trunk = [(0, hip, 0), (0, 1.05 * h, 0), (0, chest + 0.05, 0)]
    body.limb(trunk, (0.155, 0.15, 0.185), body.cloth)
    body.limb([(-0.12, neck - 0.08, 0), (0.12, neck - 0.08, 0)], (0.085, 0.085), body.cloth)
    _arm(body, near, h, near * -stride * 0.8)
    if body.number % 3 == 0:  # a rucksack
        color = LEGS[(body.number >> 6) % 4]
        body.limb([(0, 1.36 * h, -0.17), (0, 1.02 * h, -0.17)], (0.13, 0.15), color)
    body.limb([(0, neck - 0.04, 0), (0, neck + 0.06, 0)], (0.055, 0.055), body.skin)
    body.head((0, 1.60 * h, 0.02), 0.112 * h)
    body.draw()


def _walking_leg(body: Body, side: int, stride: float, joints: tuple[float, float]) -> None:
    """A leg and its shoe; `joints` are the heights of hip and knee."""
    (hip, knee), foot = joints, side * stride
    lift = 0.09 * max(-foot, 0)
    leg = [
        (side * 0.09, hip, 0),
        (side * 0.10, knee + lift, foot * 0.45 + 0.05),
        (side * 0.10, 0.10 + lift, foot),
    ]
    body.limb(leg, (0.095, 0.075, 0.055), body.legs, shade=0.9 if side > 0 else 0.72)
    heel, toe = (
        (side * 0.10, 0.055 + lift, foot - 0.06),
        (side * 0.11, 0.045 + lift * 0.5, foot + 0.16),
    )
    body.limb([heel, toe], (0.055, 0.045), _SHOE)


def _arm(body: Body, side: int, h: float, reach: float) -> None:
    """A sleeve and a hand that swings `reach` metres ahead."""
    shoulder = (side * 0.21, 1.45 * h - 0.07, 0)
    elbow, wrist = (side * 0.25, 1.10 * h, reach * 0.3), (side * 0.23, 0.86 * h, reach + 0.06)
    body.limb([shoulder, elbow, wrist], (0.068, 0.055, 0.045), body.cloth, shade=0.9)
    body.limb([wrist, (side * 0.23, 0.79 * h, reach + 0.08)], (0.045, 0.04), body.skin)


def draw_bicyclist(canvas: Canvas, light: Light, thing: Thing) -> None:
    """Draws a rider on a bicycle."""
    if thing.z < _NEAREST["bicyclist"]:
        return
    body = Body(canvas, light, thing)
    _bicycle(body)
    far, near = body.sides
    _rider_side(body, far, thing.params["phase"], shade=0.7)
    body.limb(
        [(0, 0.98, -0.20), (0, 1.2, -0.08), (0, 1.42, 0.05)], (0.16, 0.155, 0.175), body.cloth
    )
    body.limb([(-0.13, 1.43, 0.05), (0.13, 1.43, 0.05)], (0.08, 0.08), body.cloth)
    _rider_side(body, near, thing.params["phase"], shade=0.9)
    body.head((0, 1.66, 0.12), 0.115, helmet=body.number % 2 == 0)
    body.draw()


def _bicycle(body: Body) -> None:
    """Wheels with spokes, the frame, the handlebar."""
    around = np.linspace(0, 2 * np.pi, 21)
    rear, front = (0, _HUB, -0.52), (0, _HUB, 0.52)
    for hub in (rear, front):
        rim = [(0.0, _HUB + _TYRE * np.sin(t), hub[2] + _TYRE * np.cos(t)) for t in around]
        body.limb(rim, (0.022,) * 21, _RUBBER)
        for t in around[:20:4]:
            end = (0, _HUB + 0.31 * np.sin(t), hub[2] + 0.31 * np.cos(t))
            body.limb([hub, end], (0.004, 0.004), _SPOKE)
    crank, seat, bar, head = (0, 0.30, -0.05), (0, 0.88, -0.22), (0, 0.95, 0.38), (0, 0.80, 0.36)
    steel = CLOTH[_FRAMES[(body.number >> 3) % 4]]
    tubes = ((crank, seat), (crank, bar), (seat, head), (rear, crank), (rear, seat), (bar, front))
    for ends in tubes:
        body.limb(list(ends), (0.022, 0.022), steel)
    body.limb([(-0.26, 1.0, 0.36), (0.26, 1.0, 0.36)], (0.018, 0.018), _GRIP)


def _rider_side(body: Body, side: int, phase: float, *, shade: float) -> None:
    """A leg on its pedal and an arm on the handlebar."""
    turn = phase + (np.pi if side > 0 else 0)
    pedal = (side * 0.11, 0.30 + 0.17 * np.sin(turn), -0.05 + 0.17 * np.cos(turn))
    knee = (side * 0.12, 0.66 + 0.09 * np.sin(turn), 0.20 + 0.06 * np.cos(turn))
    leg = [(side * 0.10, 0.92, -0.18), knee, pedal]
    body.limb(leg, (0.10, 0.07, 0.05), body.legs, shade=shade)
    toe = (pedal[0], pedal[1] - 0.03, pedal[2] + 0.14)
    body.limb([pedal, toe], (0.05, 0.04), (0.1, 0.1, 0.1))
    arm = [(side * 0.20, 1.42, 0.06), (side * 0.26, 1.20, 0.20), (side * 0.24, 1.02, 0.36)]
    body.limb(arm, (0.065, 0.05, 0.04), body.cloth, shade=0.9)
