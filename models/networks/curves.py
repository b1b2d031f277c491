"""Curves for TensorBoard, written without it: TensorFlow's own event files."""

from pathlib import Path

import tensorflow as tf


class Curves:
    """Scalars over steps in a folder that ``tensorboard --logdir FOLDER`` shows while they come.

    TensorFlow brings the writer but not TensorBoard, whose plugin takes what is marked as its own.

    Parameters
    ----------
    folder
        Every start of a training adds a file.
    """

    def __init__(self, folder: Path) -> None:
        self._writer = tf.summary.create_file_writer(str(folder), flush_millis=5000)
        self._mark = tf.compat.v1.SummaryMetadata()
        self._mark.plugin_data.plugin_name = "scalars"
        self._mark.data_class = 1  # a scalar

    def add(self, step: int, values: dict[str, float]) -> None:
        """Add a point to each curve."""
        with self._writer.as_default():
            for name, value in values.items():
                tf.summary.write(name, tf.constant(value, tf.float32), step, metadata=self._mark)

    def close(self) -> None:
        """Write what is left."""
        self._writer.close()
