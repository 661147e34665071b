#!/usr/bin/env python3
"""Reference for TensorBoard event files, by TensorBoard's own protobuf classes and readers.

Needs the PyPI package "tensorboard" (golden made with 2.21.0), in a virtual environment outside the repository:
  python3 -m venv /tmp/tb && /tmp/tb/bin/pip install tensorboard
  /tmp/tb/bin/python scripts/goldens/tensorboard_events.py golden      prints the bytes that TensorBoardTests expects
  /tmp/tb/bin/python scripts/goldens/tensorboard_events.py show DIR    reads event files as TensorBoard does
"""

import io
import sys

from tensorboard.backend.event_processing import event_accumulator
from tensorboard.compat.proto import event_pb2, summary_pb2
from tensorboard.summary.writer.record_writer import RecordWriter


def events():
    """A resumed run: version, restart at step 41, two scalars of step 41 and one of a large step."""
    yield event_pb2.Event(wall_time=1772357400.5, file_version="brain.Event:2")
    yield event_pb2.Event(
        wall_time=1772357400.5, step=41, session_log=event_pb2.SessionLog(status=event_pb2.SessionLog.START)
    )
    value = summary_pb2.Summary.Value
    yield event_pb2.Event(
        wall_time=1772357401.25,
        step=41,
        summary=summary_pb2.Summary(
            value=[value(tag="train/loss", simple_value=5.8125), value(tag="train/learning_rate", simple_value=0.0)]
        ),
    )
    yield event_pb2.Event(
        wall_time=1772357402.0,
        step=125000,
        summary=summary_pb2.Summary(value=[value(tag="heldout/masked_lm_loss", simple_value=-1.0)]),
    )


def golden():
    stream = io.BytesIO()
    stream.close = lambda: None
    writer = RecordWriter(stream)
    for event in events():
        writer.write(event.SerializeToString(deterministic=True))
    text = stream.getvalue().hex()
    print("\n".join(text[start : start + 96] for start in range(0, len(text), 96)))


def show(directory):
    accumulator = event_accumulator.EventAccumulator(directory, size_guidance={event_accumulator.SCALARS: 0})
    accumulator.Reload()
    print("file version", accumulator.file_version)
    for tag in sorted(accumulator.Tags()["scalars"]):
        points = accumulator.Scalars(tag)
        first, last = points[0], points[-1]
        print(f"{tag}: {len(points)} points, step {first.step} = {first.value:.6g} ... step {last.step} = {last.value:.6g}")


if __name__ == "__main__":
    if sys.argv[1:] == ["golden"]:
        golden()
    elif len(sys.argv) == 3 and sys.argv[1] == "show":
        show(sys.argv[2])
    else:
        sys.exit(__doc__)
