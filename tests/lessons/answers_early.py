"""Lessons 1 to 7: exercise to its right answers, and to wrong ones with the hint they get."""

EARLY = {
    "tensors.bytes": (
        [32 * 3 * 224 * 224 * 4, 19_267_584.0],
        [
            (32 * 3 * 224 * 224, "more than one byte"),
            (3 * 224 * 224 * 4, "one picture"),
            (32 * 224 * 224 * 4, "more than one channel"),
            (7, "count the numbers"),
        ],
    ),
    "tensors.houses": (
        [507],
        [(728, "start at 0"), (457, "how long"), (167, "whole table"), (1, "three strides")],
    ),
    "tensors.brightness": (
        [lambda b: b.mean((1, 2, 3)), lambda b: b.flatten(1).mean(1)],
        [
            (lambda b: b.mean(), "over which dimensions"),
            (lambda b: b.mean((2, 3)), r"shape \(5, 3\)"),
            (lambda b: b.amax((1, 2, 3)), "means of all"),
            (lambda b: 0.5, "a float"),
            (lambda b: b.mean(9), "stopped with IndexError"),
        ],
    ),
}
