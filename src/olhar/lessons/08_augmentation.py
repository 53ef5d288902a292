# %% [markdown] lang="en"
# # 8. Augmentation
#
# A caravel that leans a little is still a caravel. A network does not know that, until it has seen
# one lean. Data augmentation shows it: from each picture of a data set we make new ones, rotated,
# mirrored, cropped and stretched. In this lesson you move the pixels yourself, find the same move in
# PyTorch and in olhar, and measure what it buys when there are only fifty pictures to learn from.

# %% [markdown] lang="pt"
# # 8. Data augmentation
#
# Uma caravela um pouco inclinada continua sendo uma caravela. A rede não sabe disso enquanto não viu
# uma inclinada. O data augmentation mostra: de cada imagem do dataset fazemos outras, giradas,
# espelhadas, cortadas e esticadas. Nesta lição você move os pixels à mão, encontra o mesmo movimento
# no PyTorch e no olhar, e mede quanto se ganha quando só há cinquenta imagens para aprender.

# %% [markdown] lang="en"
# ## Which way to look
#
# To turn a picture, we could carry each pixel to its new place. Try it, and the new picture has holes:
# two pixels land on one place, and none on the next. So we go the other way round. For each pixel of
# the *new* picture we ask where it comes from. Every place then gets exactly one answer.
#
# Places are counted as networks count them: -1 is the left or upper edge, 1 the right or lower one.
# Rotation, mirroring, crop and stretch are then all the same thing: six numbers, an *affine map*.
#
# - x in the old picture = a · x + b · y + c
# - y in the old picture = d · x + e · y + f

# %% [markdown] lang="pt"
# ## De que lado olhar
#
# Para girar uma imagem, poderíamos levar cada pixel até o novo lugar. Experimente: a nova imagem sai
# cheia de buracos, porque dois pixels caem num mesmo lugar e nenhum no vizinho. Por isso fazemos o
# caminho contrário. Para cada pixel da imagem *nova*, perguntamos de onde ele vem. Assim todo lugar
# recebe exatamente uma resposta.
#
# Contamos os lugares como as redes contam: -1 é a borda esquerda ou de cima, 1 é a direita ou a de
# baixo. Então rotação, espelhamento, corte e esticada são a mesma coisa: seis números, um *mapa afim*.
#
# - x na imagem antiga = a · x + b · y + c
# - y na imagem antiga = d · x + e · y + f

# %%
from math import cos, floor, radians, sin


def rotation(degrees):
    a = radians(degrees)
    return [[cos(a), -sin(a), 0], [sin(a), cos(a), 0]]


def mirror():
    return [[-1, 0, 0], [0, 1, 0]]


def crop(share, x, y):
    """A window of this share of the side, its middle at (x, y)."""
    return [[share, 0, x], [0, share, y]]


def stretch(factor):
    """Wider by this factor; so we look at fewer columns."""
    return [[1 / factor, 0, 0], [0, 1, 0]]


def after(first, then):
    """One map for two: `then` says where to look in the middle picture, `first` where from there."""
    (a, b, c), (d, e, f) = first
    (p, q, r), (s, t, u) = then
    return [
        [a * p + b * s, a * q + b * t, a * r + b * u + c],
        [d * p + e * s, d * q + e * t, d * r + e * u + f],
    ]


# %% [markdown] lang="en"
# ## Between the pixels
#
# The place a pixel comes from is almost never the middle of an old pixel. It lies between four of
# them. *Bilinear sampling* mixes the four: the nearer one is, the more it counts. And where the map
# points outside the picture, we let the edge act as a mirror.

# %% [markdown] lang="pt"
# ## Entre os pixels
#
# O lugar de onde vem um pixel quase nunca é o meio exato de um pixel antigo. Ele fica entre quatro. A
# *amostragem bilinear* mistura os quatro: quanto mais perto, mais conta. E onde o mapa aponta para
# fora da imagem, fazemos da borda um espelho.


# %%
def reflected(i, side):
    """-1 is 1 again, and `side` is `side - 2`."""
    period = 2 * (side - 1)
    return min(i % period, -i % period)


def bilinear(rows, x, y):
    """The value at column x and row y, which may be fractions."""
    left, top = floor(x), floor(y)
    a, b = x - left, y - top  # how far it is from there, 0 to 1

    def pixel(row, column):
        return rows[reflected(row, len(rows))][reflected(column, len(rows[0]))]

    above = (1 - a) * pixel(top, left) + a * pixel(top, left + 1)
    below = (1 - a) * pixel(top + 1, left) + a * pixel(top + 1, left + 1)
    return (1 - b) * above + b * below


def warp(rows, matrix):
    """A square channel, seen through an affine map."""
    side = len(rows)
    (a, b, c), (d, e, f) = matrix
    places = [2 * i / (side - 1) - 1 for i in range(side)]  # from -1 to 1

    def value(x, y):
        old_x, old_y = a * x + b * y + c, d * x + e * y + f
        return bilinear(rows, (old_x + 1) / 2 * (side - 1), (old_y + 1) / 2 * (side - 1))

    return [[value(x, y) for x in places] for y in places]


# %%
import torch

from olhar.samples import painting

caravel = painting("azulejo", size=128)[:, 12:108, 12:108].contiguous()  # (3, 96, 96)
maps = {
    "rotation": rotation(25),
    "mirroring": mirror(),
    "crop": crop(0.5, 0.05, -0.1),
    "stretch": stretch(1.6),
}
maps["all four"] = after(
    after(after(maps["rotation"], maps["mirroring"]), crop(0.8, 0.1, 0)), stretch(1.3)
)
by_hand = {
    name: torch.tensor([warp(channel.tolist(), m) for channel in caravel])
    for name, m in maps.items()
}

# %% jupyter={"source_hidden": true}
from olhar.lessons import check, pace, predict, reveal, say, show


def carried(image, degrees):
    """The wrong way round: pixels carried to where they go."""
    side = image.shape[1]
    (a, b, _), (d, e, _) = rotation(-degrees)
    new = torch.ones_like(image)
    for row in range(side):
        for column in range(side):
            x, y = 2 * column / (side - 1) - 1, 2 * row / (side - 1) - 1
            i = round((d * x + e * y + 1) / 2 * (side - 1))
            j = round((a * x + b * y + 1) / 2 * (side - 1))
            if 0 <= i < side and 0 <= j < side:
                new[:, i, j] = image[:, row, column]
    return new


show(
    [caravel, carried(caravel, 25), by_hand["rotation"]],
    en="Pixels carried to their new places leave holes; pixels fetched from their old ones do not.",
    pt="Pixels levados ao novo lugar deixam buracos; pixels buscados no lugar antigo, não.",
    enlarge=2,
)
show(
    [by_hand[name] for name in ("rotation", "mirroring", "crop", "stretch", "all four")],
    en="Rotation, mirroring, crop, stretch, and all four as one map.",
    pt="Rotação, espelhamento, corte, esticada, e os quatro num só mapa.",
    enlarge=2,
)

# %% [markdown] lang="en"
# ## The same with torch
#
# `affine_grid` makes the places, `grid_sample` mixes the four pixels. The six numbers are the same.

# %% [markdown] lang="pt"
# ## O mesmo com torch
#
# `affine_grid` calcula os lugares, `grid_sample` mistura os quatro pixels. Os seis números são os
# mesmos.

# %%
import torch.nn.functional as F


def warped(images, matrices):
    """Pictures (N, C, H, W) through maps (N, 2, 3)."""
    grid = F.affine_grid(matrices, images.shape, align_corners=True)  # (N, H, W, 2)
    return F.grid_sample(images, grid, padding_mode="reflection", align_corners=True)


for name, m in maps.items():
    found = warped(caravel[None], torch.tensor([m], dtype=torch.float32))[0]
    difference = (found - by_hand[name]).abs().max().item()
    print(f"{name:10} differs by at most {difference:.1e}")
    assert difference < 1e-4

# %% [markdown] lang="en"
# ## One map, not four
#
# Each sampling mixes neighbours, and mixing is a blur. Whoever rotates, then crops, then stretches
# blurs three times.

# %% [markdown] lang="pt"
# ## Um mapa, e não quatro
#
# Cada amostragem mistura vizinhos, e misturar borra. Quem gira, depois corta, depois estica borra três
# vezes.

# %% jupyter={"source_hidden": true}
predict(
    en="Turn the picture by 30 degrees, twelve times over: a full circle. Which share of the "
    "contrast between neighbouring pixels is left, in percent?",
    pt="Gire a imagem 30 graus, doze vezes seguidas: uma volta inteira. Que parte do contraste "
    "entre pixels vizinhos sobra, em porcentagem?",
)

# %%
turn = torch.tensor([rotation(30)])
twelve = caravel[None]
for _ in range(12):
    twelve = warped(twelve, turn)
once = warped(caravel[None], torch.tensor([rotation(360)]))
assert torch.allclose(once[0], caravel, atol=1e-3)  # one map of 360 degrees: nothing happened


def contrast(images):
    middle = images[..., 24:72, 24:72]
    return (middle[..., 1:] - middle[..., :-1]).abs().mean().item()


left = contrast(twelve) / contrast(caravel)

# %% jupyter={"source_hidden": true}
reveal(
    f"{100 * left:.0f}%",
    en="the turns add up to nothing, the blurs add up. Multiply the maps first, sample once.",
    pt="os giros se anulam, os borrões se somam. Multiplique antes os mapas e amostre uma vez só.",
)
show(
    [caravel[:, 24:72, 24:72], twelve[0, :, 24:72, 24:72]],
    en="Before, and after twelve turns of 30 degrees.",
    pt="Antes, e depois de doze giros de 30 graus.",
    enlarge=4,
)

# %% [markdown] lang="en"
# ## The same with olhar
#
# `olhar.Augment` says how much a training may vary its pictures, and every `olhar train` takes the
# same words: `--rotate 20 --crop 0.6 --stretch 1.3 --mirror random`. What is drawn depends only on the
# seed, the epoch and the number of the picture. So a training that was stopped goes on with the very
# same views. Underneath is your map: we ask olhar where it put its views, fetch the pixels by hand,
# and compare.

# %% [markdown] lang="pt"
# ## O mesmo com o olhar
#
# `olhar.Augment` diz o quanto um treino pode variar as imagens, e todo `olhar train` entende as mesmas
# palavras: `--rotate 20 --crop 0.6 --stretch 1.3 --mirror random`. O sorteio depende só da semente, da
# época e do número da imagem. Por isso um treino interrompido continua exatamente com as mesmas vistas.
# Por baixo está o seu mapa: perguntamos ao olhar onde ele pôs as vistas, buscamos os pixels à mão e
# comparamos.

# %%
import numpy as np

from olhar import Augment
from olhar.data.augment import augment
from olhar.data.geometry import placement
from olhar.data.random import Draws

settings = Augment(rotate=20, crop=0.6, stretch=1.3, mirror="random")
draws = Draws(seed=1, epoch=0, indices=np.arange(6))
views = augment(caravel.expand(6, -1, -1, -1), settings, draws, 96)


def fetched(rows, box, angle, mirrored):
    """A view by hand: a box of the picture, in pixels from its edge, turned, then mirrored."""
    x0, y0, x1, y1 = box
    c, s, sign = cos(angle), sin(angle), -1 if mirrored else 1
    right = sign * c * (x1 - x0) / 2, sign * s * (x1 - x0) / 2  # what one step of u or v is
    down = -s * (y1 - y0) / 2, c * (y1 - y0) / 2
    x, y = (x0 + x1) / 2 - 0.5, (y0 + y1) / 2 - 0.5  # the first pixel's middle is at 0.5
    uv = [(2 * k + 1) / 96 - 1 for k in range(96)]
    return [
        [bilinear(rows, x + u * right[0] + v * down[0], y + u * right[1] + v * down[1]) for u in uv]
        for v in uv
    ]


where = placement(settings, draws, 96)
for i in range(2):
    mine = fetched(caravel[0].tolist(), where.box[i].tolist(), where.angle[i], where.mirror[i])
    assert torch.allclose(torch.tensor(mine), views[i, 0], atol=1e-3)

# %% jupyter={"source_hidden": true}
show(
    [*views],
    en="Six views of one picture, as a training would see it in six epochs.",
    pt="Seis vistas de uma imagem, como um treino a veria em seis épocas.",
    enlarge=2,
)

# %% [markdown] lang="en"
# ## What it buys
#
# Fifty handwritten digits, five of each. A small network learns them by heart in seconds. How well does
# it read 400 digits that it never saw? We train it four times over: on the pictures as they are; turned
# a little, moved and stretched; mirrored; and turned all the way round.

# %% [markdown] lang="pt"
# ## Quanto se ganha
#
# Cinquenta dígitos manuscritos, cinco de cada. Uma rede pequena decora todos em segundos. E como ela lê
# 400 dígitos que nunca viu? Treinamos de quatro jeitos: com as imagens como são; giradas um pouco,
# deslocadas e esticadas; espelhadas; e giradas para qualquer lado.

# %% jupyter={"source_hidden": true}
predict(
    en="Which of the four reads new digits worst: plain, varied, mirrored, or turned round?",
    pt="Qual das quatro lê pior os dígitos novos: sem nada, variada, espelhada ou girada toda?",
)

# %%
from torch import nn

from olhar.lessons.digits import split

parts = split()
test_image, test_target = parts["test"]


def few(seed, each=5):
    image, target = parts["train"]
    generator = torch.Generator().manual_seed(seed)
    shuffled = torch.randperm(len(target), generator=generator)
    rows = torch.cat([shuffled[target[shuffled] == digit][:each] for digit in range(10)])
    return image[rows], target[rows]


def vary(images, degrees=0.0, move=0.0, factor=1.0, mirrored=False):
    """Each picture through a map of its own, drawn anew at every step."""
    n = len(images)
    angle = (2 * torch.rand(n) - 1) * radians(degrees)
    wide, high = factor ** (2 * torch.rand(2, n) - 1)
    sign = torch.where(torch.rand(n) < 0.5, -1.0, 1.0) if mirrored else torch.ones(n)
    x, y = (2 * torch.rand(2, n) - 1) * move
    turned = torch.stack([angle.cos() * wide * sign, -angle.sin() * high, x], 1)
    upright = torch.stack([angle.sin() * wide * sign, angle.cos() * high, y], 1)
    grid = F.affine_grid(torch.stack([turned, upright], 1), images.shape, align_corners=False)
    return F.grid_sample(images, grid, align_corners=False)  # digits have nothing around them


def accuracy(seed, steps, **how):
    torch.manual_seed(seed)
    image, target = few(seed)
    network = nn.Sequential(
        *[nn.Conv2d(1, 16, 3, padding=1), nn.ReLU()],
        *[nn.Conv2d(16, 32, 3, padding=1, stride=2), nn.ReLU()],
        *[nn.Flatten(), nn.Linear(32 * 4 * 4, 10)],
    )
    optimizer = torch.optim.AdamW(network.parameters(), 2e-3, weight_decay=0.05)
    for _ in range(steps):
        loss = F.cross_entropy(network(vary(image, **how) if how else image), target)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        return (network(test_image).argmax(1) == test_target).float().mean().item()


kinds = {
    "plain": {},
    "varied": {"degrees": 15, "move": 0.2, "factor": 1.15},
    "mirrored": {"mirrored": True},
    "turned round": {"degrees": 180},
}
runs, steps = pace(4, fast=1), pace(250, fast=25)
scores = {
    kind: sum(accuracy(seed, steps, **how) for seed in range(runs)) / runs
    for kind, how in kinds.items()
}
for kind, score in scores.items():
    print(f"{kind:13} {score:.1%}")

# %% jupyter={"source_hidden": true}
reveal(
    f"{scores['turned round']:.0%}",
    en="turned round. A 6 on its head is a 9. Mirrored ones do harm too: nobody writes digits that "
    "way. Vary a picture only as far as its meaning allows.",
    pt="a girada toda. Um 6 de cabeça para baixo é um 9. Espelhar também atrapalha: ninguém escreve "
    "dígitos assim. Varie uma imagem só até onde o sentido dela permite.",
)
say(
    f"plain {scores['plain']:.1%}, varied {scores['varied']:.1%}: the same fifty digits",
    f"sem nada {scores['plain']:.1%}, variada {scores['varied']:.1%}: os mesmos cinquenta dígitos",
)

# %%
if runs > 1:  # one short run proves nothing
    assert scores["varied"] > scores["plain"] > scores["turned round"]

# %% jupyter={"source_hidden": true}
from olhar.lessons.drawing import sheet

torch.manual_seed(0)
ten = few(0)[0][::5]
rows = [ten, *(vary(ten, **how) for how in list(kinds.values())[1:])]
show(
    sheet(1 - torch.cat(rows), 10),
    en="Ten of the digits: plain, varied, mirrored, turned round.",
    pt="Dez dos dígitos: sem nada, variados, espelhados, girados para qualquer lado.",
    enlarge=6,
)

# %% [markdown] lang="en"
# Augmentation makes no new data out of nothing. It says something that you know and the network does
# not: which changes do not matter. That is why it helps most where examples are few, and why it harms
# where what you say is wrong.

# %% [markdown] lang="pt"
# O augmentation não cria dados do nada. Ele conta uma coisa que você sabe e a rede não: quais mudanças
# não importam. Por isso ajuda mais quando há poucos exemplos, e por isso atrapalha quando o que você
# conta está errado.

# %% [markdown] lang="en"
# ## Exercises
#
# 1. Four pixels: 0 and 40 in the upper row, 80 and 120 in the lower one. What is the value a quarter
#    of the way to the right and half-way down?
# 2. Write the six numbers, as `[[a, b, c], [d, e, f]]`, of the map that shows the lower right quarter
#    of a picture, enlarged to the whole.
# 3. A network is to tell arrows that point left from arrows that point right. Which one of
#    `"crop"`, `"stretch"`, `"mirror"` must you leave out?

# %% [markdown] lang="pt"
# ## Exercícios
#
# 1. Quatro pixels: 0 e 40 na linha de cima, 80 e 120 na de baixo. Qual é o valor a um quarto do
#    caminho para a direita e na metade do caminho para baixo?
# 2. Escreva os seis números, como `[[a, b, c], [d, e, f]]`, do mapa que mostra o quarto inferior
#    direito de uma imagem, ampliado para o tamanho todo.
# 3. Uma rede deve distinguir setas que apontam para a esquerda de setas que apontam para a direita.
#    Qual destes você precisa deixar de fora: `"crop"`, `"stretch"` ou `"mirror"`?

# %%
between = ...
quarter = ...
harmful = ...

check("augmentation.between", between)
check("augmentation.quarter", quarter)
check("augmentation.harmful", harmful)
