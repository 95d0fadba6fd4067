"""What is judged, and against which bars."""

from dataclasses import dataclass


@dataclass
class Figure:
    key: str
    name: str
    unit: str
    digits: int
    most: float
    #: At most this share of Kafka's figure; None where Kafka is not the measure.
    share: float | None = None
    #: Whether the bar itself still counts as met.
    inclusive: bool = True

    def bar(self):
        text = f"{'<=' if self.inclusive else '<'} {self.most:g} {self.unit}".rstrip()
        return text if self.share is None else f"{text} and <= {self.share:g} of Kafka"

    def is_met(self, ours, kafka):
        met = ours <= self.most if self.inclusive else ours < self.most
        if self.share is not None and kafka is not None:
            met = met and ours <= self.share * kafka
        return met


FIGURES = [
    Figure("pause-median", "kill -9 of a node: longest pause of any producer, median", "ms", 0, 400, inclusive=False),
    Figure("pause-max", "the same, longest of all kills", "ms", 0, 1000, inclusive=False),
    Figure("violations", "acknowledged and lost, duplicated or reordered", "", 0, 0),
    Figure("produce-cpu", "produce, RF 3, acks=all: CPU of all brokers", "s/GB", 2, 2.5, 0.4),
    Figure("fetch-cpu", "fetch: CPU of all brokers", "s/GB", 2, 0.33, 0.8),
    Figure("latency", "produce p99, acks=all, 20 MB/s", "ms", 1, 8, 0.5, inclusive=False),
    Figure("idle-memory", "resident memory of a node, idle", "MB", 0, 40),
    Figure("loaded-memory", "resident memory of a node, after 6 GB", "MB", 0, 120),
    Figure("start", "start to the first acknowledged record", "s", 2, 0.6, inclusive=False),
    Figure("idle-cpu", "CPU of the idle cluster", "% of a core", 2, 1, inclusive=False),
]


def table(ours, kafka):
    lines = ["| Figure | ours | Kafka | ratio | bar | met |", "|---|---|---|---|---|---|"]
    for figure in FIGURES:
        mine, theirs = ours.get(figure.key), kafka.get(figure.key)
        if mine is None:
            continue
        shown = f"{mine:.{figure.digits}f} {figure.unit}".rstrip()
        other = "-" if theirs is None else f"{theirs:.{figure.digits}f} {figure.unit}".rstrip()
        ratio = f"{mine / theirs:.2f}" if theirs else "-"
        met = "yes" if figure.is_met(mine, theirs) else "NO"
        lines.append(f"| {figure.name} | {shown} | {other} | {ratio} | {figure.bar()} | {met} |")
    return "\n".join(lines)
