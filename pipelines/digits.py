"""Handwritten digits, 8x8 pixels: a residual network, small shifts and turns.

kerasgen run pipelines/digits.py
kerasgen tune pipelines/digits.py --trials 8
"""

import kerasgen as kg

recipe = kg.Recipe(
    name="digits",
    data={"source": "digits"},
    model={"name": "image_classifier", "size": "small"},
    method={"name": "erm"},
    optimizer={"name": "adamw", "learning_rate": 3e-3, "weight_decay": 1e-2},
    augment=(
        {"name": "translate", "rate": 0.06},
        {"name": "rotate", "degrees": 8.0},
    ),
    batch_size=32,
    epochs=30,
    expect={"clean/accuracy": (0.99, 0.01)},
)

if __name__ == "__main__":
    kg.run(recipe)
