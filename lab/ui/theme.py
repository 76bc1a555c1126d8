"""How the lab looks: paper, ink and one green, in fonts that Gradio ships."""

from pathlib import Path

import gradio as gr
from gradio.themes.utils.colors import Color
from gradio.themes.utils.fonts import LocalFont

CSS_FILES = [Path(__file__).with_name("theme.css")]

VIRIDIAN = Color(
    name="viridian",
    c50="#eef6f3",
    c100="#d5eae3",
    c200="#abd5c8",
    c300="#7cbaa8",
    c400="#4f9c88",
    c500="#33806d",
    c600="#276858",
    c700="#205347",
    c800="#1a4339",
    c900="#143129",
    c950="#0b1d18",
)
PAPER = Color(
    name="paper",
    c50="#fbfaf8",
    c100="#f4f2ee",
    c200="#e7e3dc",
    c300="#d3cdc3",
    c400="#a49d92",
    c500="#78726a",
    c600="#59544e",
    c700="#403d39",
    c800="#2a2826",
    c900="#1d1c1b",
    c950="#141313",
)

THEME = gr.themes.Base(
    primary_hue=VIRIDIAN,
    secondary_hue=VIRIDIAN,
    neutral_hue=PAPER,
    spacing_size=gr.themes.sizes.spacing_md,
    radius_size=gr.themes.sizes.radius_md,
    text_size=gr.themes.sizes.text_md,
    # Regular and bold: the semi-bold files that Gradio ships lack most letters.
    font=(LocalFont("IBM Plex Sans", (400, 700)), "ui-sans-serif", "system-ui", "sans-serif"),
    font_mono=(LocalFont("IBM Plex Mono", (400, 700)), "ui-monospace", "monospace"),
).set(
    body_background_fill="*neutral_50",
    body_background_fill_dark="*neutral_950",
    background_fill_primary="#ffffff",
    background_fill_primary_dark="*neutral_900",
    background_fill_secondary="*neutral_100",
    background_fill_secondary_dark="*neutral_800",
    border_color_primary="*neutral_200",
    border_color_primary_dark="*neutral_700",
    block_background_fill="#ffffff",
    block_background_fill_dark="*neutral_900",
    block_border_width="1px",
    block_border_color="*neutral_200",
    block_border_color_dark="*neutral_700",
    block_shadow="none",
    block_label_background_fill="*neutral_50",
    block_label_background_fill_dark="*neutral_800",
    block_label_text_color="*neutral_600",
    block_label_text_color_dark="*neutral_300",
    block_title_text_weight="400",
    block_label_text_weight="400",
    block_title_text_color="*neutral_700",
    block_title_text_color_dark="*neutral_200",
    color_accent="*primary_500",
    color_accent_soft="*primary_50",
    color_accent_soft_dark="*primary_900",
    button_primary_background_fill="*primary_500",
    button_primary_background_fill_hover="*primary_600",
    button_primary_text_color="#ffffff",
    button_secondary_background_fill="#ffffff",
    button_secondary_background_fill_dark="*neutral_800",
    button_secondary_background_fill_hover="*neutral_100",
    button_secondary_background_fill_hover_dark="*neutral_700",
    button_secondary_border_color="*neutral_300",
    button_secondary_border_color_dark="*neutral_600",
    button_border_width="1px",
    button_large_text_weight="400",
    button_large_text_size="*text_md",
    button_large_padding="9px 14px",
    button_small_text_weight="400",
    input_background_fill="#ffffff",
    input_background_fill_dark="*neutral_900",
    input_border_color="*neutral_300",
    input_border_color_dark="*neutral_600",
    slider_color="*primary_500",
    checkbox_label_background_fill="#ffffff",
    checkbox_label_background_fill_dark="*neutral_900",
    link_text_color="*primary_600",
    link_text_color_dark="*primary_300",
)
