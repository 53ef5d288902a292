"""Lessons 1 to 7: exercise to its right answers, and to wrong ones with the hint they get."""

import torch

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
    "operations.inferred": (
        [3 * 224 * 224],
        [
            (224, "everything that 32 leaves"),
            (224 * 224, "three channels"),
            (32 * 3 * 224 * 224, "all elements"),
            (-1, "divide it"),
        ],
    ),
    "operations.shape": (
        [(8, 10, 20, 3), torch.Size([8, 10, 20, 3])],
        [
            ((8, 3, 10, 20), "after squeeze"),
            ((8, 1, 10, 20, 3), "takes away"),
            ((8, 20, 10, 3), "the old 2"),
            ((8, 10), "each of the three steps"),
        ],
    ),
    "operations.shares": (
        [lambda t: t / t.sum(1, keepdim=True), lambda t: (t.T / t.sum(1)).T],
        [
            (lambda t: t / t.sum(0), "columns sum to 1"),
            (lambda t: t / t.sum(1), "stopped with RuntimeError"),
            (lambda t: t / t.sum(1)[:, None] if len(t) == 3 else t / t.sum(1), "keepdim"),
            (lambda t: t.sum(1), r"shape \(3,\)"),
        ],
    ),
    "operations.window": (
        [
            lambda i: torch.cat([torch.cat([i[0], i[1]], 2), torch.cat([i[2], i[3]], 2)], 1),
            lambda i: (
                i.reshape(2, 2, *i.shape[1:])
                .permute(2, 0, 3, 1, 4)
                .reshape(3, 2 * i.shape[2], 2 * i.shape[3])
            ),
        ],
        [
            (lambda i: i.reshape(3, 2 * i.shape[2], -1), "mixes the pictures"),
            (
                lambda i: torch.cat([torch.cat([i[0], i[1]], 1), torch.cat([i[2], i[3]], 1)], 2),
                "below the first",
            ),
            (lambda i: torch.cat([*i], 2), r"shape \(3, 4, 24\)"),
            (lambda i: torch.zeros(3, 8, 12), "in four"),
        ],
    ),
    "gradients.chain": (
        [-24, -24.0],
        [
            (8, "of the square"),
            (24, "sign of b"),
            (16, "gradient of b"),
            (-12, "factor 2"),
            (1, "three strengths"),
        ],
    ),
    "gradients.step": (
        [3.4, torch.tensor(3.4)],
        [(4.6, "uphill"), (-2, "the rate"), (3.7, "factor 2"), (3.1, "loss itself"), (4, "first")],
    ),
    "gradients.relu": (
        [lambda x, g: g * (x > 0), lambda x, g: torch.where(x > 0, g, 0)],
        [
            (lambda x, g: (x > 0).float(), "arrives"),
            (lambda x, g: g * x.relu(), "strength 1"),
            (lambda x, g: g.relu(), "x that decides"),
            (lambda x, g: g * (x < 0), "passes as it is"),
            (lambda x, g: 1, "a int"),
        ],
    ),
    "seven_steps.precision": (
        [0.75, 30 / 40],
        [(0.6, "the recall"), (75, "from 0 to 1"), (0.5, "of what")],
    ),
    "seven_steps.recall": (
        [0.6, 30 / 50],
        [(0.75, "the precision"), (60, "from 0 to 1"), (30 / 20, "at most 1"), (0, "of what")],
    ),
    "seven_steps.part": (
        ["validation", " Validation"],
        [("train", "by rote"), ("test", "no honest"), ("all", "three words")],
    ),
    "seven_steps.recall_of": (
        [
            lambda t, c: t[c][c] / max(1, sum(t[c])),
            lambda t, c: torch.tensor(t)[c, c] / torch.tensor(t)[c].sum().clamp(min=1),
        ],
        [
            (lambda t, c: t[c][c] / max(1, sum(row[c] for row in t)), "the precision"),
            (lambda t, c: t[c][c] / sum(t[c]), "divides by zero"),
            (lambda t, c: t[c][c] / sum(t[c]) if sum(t[c]) else 1, "recall 0"),
            (lambda t, c: t[c][c] / sum(map(sum, t)), "eight of ten"),
        ],
    ),
    "normalisation.pixel": (
        [(200 / 255 - 0.5) / 0.25, 1.137],
        [
            ((200 - 0.5) / 0.25, "pixels from 0 to 1"),
            (200 / 255, "still to come"),
            (200 / 255 / 0.25 - 0.5, "before the division"),
            (200 / 255 - 0.5, "now divide"),
            (0, "first to"),
        ],
    ),
    "normalisation.signed": (
        [lambda x: 2 * x - 1, lambda x: (x - 0.5) / 0.5],
        [
            (lambda x: 2 * x, "0 and 1 become 0 and 2"),
            (lambda x: x - 1, "become -1 and 0"),
            (lambda x: -1, "a int"),
        ],
    ),
    "normalisation.standardise": (
        [
            lambda b: (b - b.mean((0, 2, 3), True)) / b.std((0, 2, 3), keepdim=True),
            lambda b: torch.nn.functional.batch_norm(b, None, None, training=True),
        ],
        [
            (lambda b: (b - b.mean()) / b.std(), "its own"),
            (lambda b: (b - b.mean((2, 3), True)) / b.std((2, 3), keepdim=True), "by itself"),
            (lambda b: b - b.mean((0, 2, 3), True), "the deviations"),
            (lambda b: b.mean((0, 2, 3)), r"shape \(3,\)"),
        ],
    ),
    "normalisation.hyperparameter": (
        ["batch size", "Batch size"],
        [
            ("weight", "what is learned"),
            ("bias", "is a weight too"),
            ("gradient", "anew"),
            ("loss", "the four"),
        ],
    ),
    "architectures.width": (
        [16],
        [
            (14, "without the padding"),
            (32, "stride 1"),
            (15, "first place"),
            (16.5, "does not fit"),
            (15.5, "whole pixels"),
            (3, "36 wide"),
        ],
    ),
    "architectures.parameters": (
        [448],
        [
            (432, "the bias"),
            (144, "three channels"),
            (160, "three channels"),
            (433, "of its own"),
            (3, "each of the 16"),
        ],
    ),
    "architectures.pool": (
        [
            lambda x: x.reshape(len(x) // 2, 2, -1, 2).amax((1, 3)),
            lambda x: torch.stack([x[i::2, j::2] for i in (0, 1) for j in (0, 1)]).amax(0),
        ],
        [
            (lambda x: x.reshape(3, 2, 4, 2).mean((1, 3)), "the mean"),
            (lambda x: x[::2, ::2], "upper left"),
            (lambda x: x.reshape(3, 2, 4, 2).amax((0, 2)), r"shape \(2, 2\)"),
            (lambda x: -x[::2, 1::2], "go away"),
        ],
    ),
    "architectures.kernel": (
        [[[0, 0, 0], [0, 0, 1], [0, 0, 0]], torch.eye(3)[[2, 2, 2]] * torch.eye(3)[1][:, None]],
        [
            ([[0, 0, 0], [1, 0, 0], [0, 0, 0]], "to the right"),
            ([[0, 0, 0], [0, 1, 0], [0, 0, 0]], "where it is"),
            (torch.full((3, 3), 1 / 9), "only one"),
            ([[0, 1, 0], [0, 0, 0], [0, 0, 0]], "middle of the kernel"),
            ([1, 0], r"shape \(2,\)"),
        ],
    ),
    "classification.softmax": (
        [(0.25, 0.25, 0.5), torch.tensor([0.25, 0.25, 0.5])],
        [((1, 1, 2), "sum to 1"), ((0, 0, 1), "exp comes first"), (0.5, "all three")],
    ),
    "classification.loss": (
        [0.6931, 0.693],
        [(0.5, "the probability"), (1.0, "in bits"), (-0.6931, "the sign"), (2, "of what")],
    ),
    "classification.log_softmax": (
        [
            lambda z: z - z.logsumexp(1, keepdim=True),
            lambda z: (z - z.amax(1, True)) - (z - z.amax(1, True)).exp().sum(1, True).log(),
        ],
        [
            (lambda z: z.exp() / z.exp().sum(1, keepdim=True), "logarithm is missing"),
            (lambda z: (z.exp() / z.exp().sum(1, keepdim=True)).log(), "overflows"),
            (lambda z: z - z.exp().sum(0).log(), "columns"),
            (lambda z: z - z.exp().sum().log(), "keepdim"),
            (lambda z: z.sum(1), r"shape \(4,\)"),
        ],
    ),
    "classification.temperature": (
        ["probabilities"],
        [("label", "so the label"), ("both", "largest"), ("neither", "halve"), (2, "the four")],
    ),
}
