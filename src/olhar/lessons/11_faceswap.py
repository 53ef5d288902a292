# %% [markdown] lang="en"
# # 11. Face swap
#
# Two people, one encoder, two decoders: that is a deep fake. It is the autoencoder of lesson 9 with a
# second mouth to speak from. In this lesson you build one in some hundred lines and train it until one
# person turns her head, opens her mouth and smiles with the face of another. Both are drawn by code and
# have never lived. That is on purpose. A face belongs to somebody, and who puts it into a picture without
# asking takes something that is not theirs. With real people the first step is not a program. It is a
# question, and a yes.

# %% [markdown] lang="pt"
# # 11. Troca de rostos
#
# Duas pessoas, um encoder, dois decoders: isso é um deep fake. É o autoencoder da lição 9 com uma segunda
# boca para falar. Nesta lição você constrói um em cerca de cem linhas e o treina até que uma pessoa vire a
# cabeça, abra a boca e sorria com o rosto de outra. As duas são desenhadas por código e nunca viveram. É de
# propósito. Um rosto é de alguém, e quem o põe numa imagem sem perguntar toma o que não é seu. Com pessoas
# de verdade, o primeiro passo não é um programa. É uma pergunta, e um sim.

# %% [markdown] lang="en"
# ## First: the face always at the same place
#
# A network that has to look for the face first learns little else. So faces are *aligned*: found, turned
# upright, resized, cut out. olhar finds 468 points on a face. Of all ways to move, turn and resize, one
# brings eyes and nose nearest to their places in a square (least squares). Our heads are all drawn at one
# place, so the cut of one frontal picture serves all.

# %% [markdown] lang="pt"
# ## Primeiro: o rosto sempre no mesmo lugar
#
# Uma rede que precisa antes procurar o rosto aprende pouca coisa além disso. Por isso os rostos são
# *alinhados*: achados, endireitados, redimensionados, recortados. O olhar acha 468 pontos num rosto. De
# todos os modos de mover, girar e redimensionar, um leva olhos e nariz mais perto dos seus lugares num
# quadrado (mínimos quadrados). As nossas cabeças são todas desenhadas num só lugar, então o recorte de uma
# imagem de frente serve para todas.

# %%
import torch

from olhar.faceswap.align import aligned, cut
from olhar.faceswap.faces import load
from olhar.faceswap.finder import see
from olhar.lessons import check, pace, predict, reveal, show
from olhar.lessons.drawing import sheet
from olhar.samples.face import face

SIDE = 32
ANA, BIA = 2, 1  # who they are to the program that draws
finder = load()


def poses(count, seed):
    """How somebody looks, by chance."""
    chance = torch.rand(count, 5, generator=torch.Generator().manual_seed(seed)).tolist()
    return [
        {
            "yaw": 50 * yaw - 25,
            "pitch": 20 * pitch - 10,
            "mouth": max(0, 2 * mouth - 1),
            "smile": smile,
            "blink": float(blink > 0.85),
        }
        for yaw, pitch, mouth, smile, blink in chance
    ]


def placed(points):
    """From a picture to our square: as olhar aligns faces, and a little closer."""
    place = aligned(points, 44)
    place[:, 2] -= torch.tensor([6.0, 7.0])
    return place


def faces(person, poses):
    """Drawn, aligned and cut out: (N, 3, 32, 32)."""
    large = see(face(person, 192, scale=1.2), finder).points[0]
    place = placed(large / 3)  # of the same head, a third as large
    return torch.stack([cut(face(person, 64, scale=1.2, **pose), place, SIDE) for pose in poses])


count = pace(96, fast=12)
ana, bia = faces(ANA, poses(count, seed=1)), faces(BIA, poses(count, seed=2))  # never the same pose

# %% jupyter={"source_hidden": true}
show(
    [sheet(ana[:6], 6), sheet(bia[:6], 6)],
    en="Ana and Bia, who do not exist, in different poses and moods.",
    pt="Ana e Bia, que não existem, em poses e humores diferentes.",
    enlarge=2,
)

# %% [markdown] lang="en"
# ## One encoder, two decoders
#
# The encoder sees both people and has a narrow place in the middle: it cannot afford two languages, so it
# notes in one how a head is turned, whether the mouth is open, where the light comes from. The decoders
# add the person. Decoder A only ever draws Ana, decoder B only Bia. Each learns from pictures of one
# person, and *nobody ever shows them a swap*.
#
# Two tricks make it work. The first is the *random warp*. What goes in is bent a little, on a grid of 5 × 5
# nodes; what is asked for is straight. So it does not suffice to copy. A decoder has to know what its person
# looks like, to put things right; and it puts things right, too, when somebody else's face comes in. The
# second is about the *palette*. Skin and light give away who it is, and then the encoder keeps two languages
# after all. So it is shown faces without them: every channel with mean 0 and deviation 1.

# %% [markdown] lang="pt"
# ## Um encoder, dois decoders
#
# O encoder vê as duas pessoas e tem um gargalo no meio: não pode se dar ao luxo de duas línguas, então
# anota numa só como a cabeça está virada, se a boca está aberta, de onde vem a luz. Os decoders acrescentam
# a pessoa. O decoder A só desenha Ana, o decoder B só Bia. Cada um aprende com imagens de uma pessoa, e
# *ninguém nunca mostra uma troca a eles*.
#
# Dois truques fazem isso funcionar. O primeiro é o *random warp* (deformação ao acaso). O que entra é um
# pouco entortado, numa grade de 5 × 5 nós; o que se pede é o reto. Assim não basta copiar. O decoder precisa
# saber como é a sua pessoa para endireitar as coisas; e endireita também quando entra o rosto de outra. O
# segundo trata da *paleta*. A pele e a luz denunciam quem é, e aí o encoder acaba com duas línguas. Por isso
# ele vê os rostos sem elas: cada canal com média 0 e desvio 1.

# %%
import torch.nn.functional as F
from torch import nn


def warp(images, strength=0.05):
    """Bend pictures (N, 3, S, S): 25 nodes each, moved by chance, smooth between."""
    n, _, side, _ = images.shape
    straight = F.affine_grid(torch.eye(2, 3).expand(n, 2, 3), images.shape, align_corners=False)
    nodes = strength * torch.randn(n, 2, 5, 5)
    moved = F.interpolate(nodes, (side, side), mode="bilinear", align_corners=True)
    moved = moved.permute(0, 2, 3, 1)  # (N, S, S, 2): x and y
    bent = F.grid_sample(images, straight + moved, padding_mode="border", align_corners=False)
    return bent, moved


class Encoder(nn.Sequential):
    def __init__(self, code):
        super().__init__(
            *[nn.Conv2d(3, 16, 5, 2, 2), nn.LeakyReLU(0.1)],  # 32 -> 16
            *[nn.Conv2d(16, 32, 3, 2, 1), nn.LeakyReLU(0.1)],  # 16 -> 8
            *[nn.Flatten(), nn.Linear(32 * 64, 128), nn.LeakyReLU(0.1), nn.Linear(128, code)],
        )

    def forward(self, images):
        middle, spread = images.mean((2, 3), keepdim=True), images.std((2, 3), keepdim=True)
        return super().forward((images - middle) / spread)  # without the palette


class Decoder(nn.Module):
    """Starts from the mean face of its person, and learns what to change in it."""

    def __init__(self, code, images):
        super().__init__()
        self.mean = nn.Parameter(images.mean(0))
        self.change = nn.Sequential(
            *[nn.Linear(code, 256), nn.LeakyReLU(0.1)],
            *[nn.Linear(256, 3 * SIDE**2), nn.Unflatten(1, (3, SIDE, SIDE))],
        )
        nn.init.normal_(self.change[2].weight, std=0.01)  # little, at the start
        nn.init.zeros_(self.change[2].bias)

    def forward(self, code):
        return self.mean + self.change(code)


torch.manual_seed(0)
encoder, decoders = Encoder(12), {"a": Decoder(12, ana), "b": Decoder(12, bia)}
bent, moved = warp(ana[:6], 0.08)

# %% jupyter={"source_hidden": true}
show(
    sheet(torch.cat([bent, ana[:6]]), 6),
    en="What the network is shown, and what it is asked for.",
    pt="O que se mostra à rede, e o que se pede a ela.",
    enlarge=3,
)

# %%
networks = nn.ModuleList([encoder, *decoders.values()])
steps = pace(450, fast=12)
optimizer = torch.optim.Adam(networks.parameters(), 3e-3)
schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 3e-3, steps)
for _ in range(steps):
    loss = 0.0
    for who, images in (("a", ana), ("b", bia)):
        straight = images[torch.randint(len(images), (16,))]
        bent, _ = warp(straight)
        loss = loss + F.l1_loss(decoders[who](encoder(bent)), straight)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    schedule.step()
networks.requires_grad_(False)

# %% jupyter={"source_hidden": true}
predict(
    en="Now Ana goes in and decoder B draws. Who comes out, and with whose pose and mouth?",
    pt="Agora entra Ana, e quem desenha é o decoder B. Quem sai, e com a pose e a boca de quem?",
)

# %% [markdown] lang="en"
# With real faces nobody knows what the right answer looks like. Here we do: since we draw them, we can
# draw Bia in Ana's pose. If the swap is good, it is nearer to that picture than to Bia in any other pose.

# %% [markdown] lang="pt"
# Com rostos reais, ninguém sabe como é a resposta certa. Aqui sabemos: como somos nós que desenhamos, podemos
# desenhar Bia na pose de Ana. Se a troca é boa, fica mais perto dessa imagem do que de Bia em qualquer outra
# pose.

# %%
new = poses(pace(24, fast=6), seed=3)
ana_new, bia_new = faces(ANA, new), faces(BIA, new)  # the network saw neither
swapped = decoders["b"](encoder(ana_new)).clamp(0, 1)

apart = torch.cdist(swapped.flatten(1), bia_new.flatten(1))  # each swap to Bia in each pose
own_pose = apart.argsort(1).argsort(1).diagonal()  # 0: no other pose is nearer
error = (swapped - bia_new).abs().mean().item()
unchanged = (ana_new - bia_new).abs().mean().item()
print(f"from Bia in this pose: swapped {error:.3f}, Ana herself {unchanged:.3f}")
print(f"no other of {len(new)} poses is nearer: {(own_pose == 0).float().mean():.0%} of the swaps")

# %% jupyter={"source_hidden": true}
reveal(
    f"{error / unchanged:.2f}",
    en="Bia, as Ana holds her head and mouth. What is left of the distance is the blur of a tiny network.",
    pt="Bia, com a cabeça e a boca como Ana as tem. O que resta da distância é o borrão de uma rede minúscula.",
)
if steps > 100:
    assert error < 0.3 * unchanged
    assert (own_pose == 0).float().mean() > 0.7
rebuilt = decoders["a"](encoder(ana_new)).clamp(0, 1)
show(
    sheet(torch.cat([ana_new[:6], rebuilt[:6], swapped[:6], bia_new[:6]]), 6),
    en="From the top: Ana; rebuilt by decoder A; swapped by decoder B; Bia really drawn in that pose.",
    pt="De cima para baixo: Ana; refeita pelo decoder A; trocada pelo decoder B; Bia desenhada mesmo "
    "nessa pose.",
    enlarge=3,
)

# %% [markdown] lang="en"
# ## The same with olhar
#
# `olhar faces FILM`, `olhar train faceswap`, `olhar swap FILM`. Its networks are larger and see 64 to 192
# pixels, but they are these: one encoder, two decoders, bent faces, and now and then the palette of the other
# person. Its bend is ours, too.

# %% [markdown] lang="pt"
# ## O mesmo com o olhar
#
# `olhar faces FILM`, `olhar train faceswap`, `olhar swap FILM`. As redes dele são maiores e veem de 64 a 192
# pixels, mas são estas: um encoder, dois decoders, rostos entortados e, de vez em quando, a paleta da outra
# pessoa. E a deformação dele é a nossa.

# %%
from olhar.faceswap.warp import views

torch.manual_seed(5)
bent, moved = warp(ana[:4])
theirs, straight = views(ana[:4], torch.eye(2, 3).expand(4, 2, 3), moved, SIDE)
assert torch.allclose(bent, theirs, atol=1e-5)
assert torch.allclose(straight, ana[:4], atol=1e-4)

# %% [markdown] lang="en"
# The rest is what makes a square of 32 pixels a part of a picture again, and each step has a reason:
#
# - *alignment*: the head may lean and be anywhere; the face is cut out upright and goes back the same way;
# - *mask*: only the face goes back, not the corners of the square;
# - *colour*: the new face takes on the light and the tones of the shot;
# - *blending*: coarse shading goes over in a wide band, fine detail in a narrow one, and no seam is seen.

# %% [markdown] lang="pt"
# O resto é o que faz de um quadrado de 32 pixels outra vez uma parte da imagem, e cada passo tem um motivo:
#
# - *alinhamento*: a cabeça pode estar inclinada e em qualquer lugar; o rosto é recortado reto e volta pelo
#   mesmo caminho;
# - *máscara*: só o rosto volta, não os cantos do quadrado;
# - *cor*: o novo rosto toma a luz e os tons da cena;
# - *mistura*: o sombreado grosso passa numa faixa larga, o detalhe fino numa estreita, e não se vê emenda.

# %%
from olhar.faceswap.blend import MASK, covered, joined, returned
from olhar.faceswap.color import recolored, statistics
from olhar.faceswap.settings import Swap

scene = face(ANA, 160, yaw=-14, roll=14, mouth=0.7, center=(0.45, 0.52), scale=0.95)
whole = (0, 160, 0, 160)

points = see(scene, finder).points[0]
place = placed(points)
seen = cut(scene, place, SIDE)
made = decoders["b"](encoder(seen[None]))[0].clamp(0, 1)

square = F.pad(torch.ones(1, SIDE - 2, SIDE - 2), (1, 1, 1, 1))
pasted = torch.lerp(scene, returned(made, place, whole), returned(square, place, whole).round())

mask = covered(points, None, Swap())  # (1, 256, 256), in olhar's square
cover = returned(mask, aligned(points, MASK), whole)
small = cut(cover, place, SIDE)
own, wanted = (statistics(image, small, "transport") for image in (made, seen))
in_tone = recolored(made, own, wanted, "transport")
blended = joined(scene, returned(in_tone, place, whole), cover, "bands")
assert torch.equal(blended[:, :, :8], scene[:, :, :8])  # beyond the mask nothing changes

# %% jupyter={"source_hidden": true}
show(
    [scene, pasted, cover, blended],
    en="Ana; the square pasted back; the mask; with mask, colour and blending.",
    pt="Ana; o quadrado colado de volta; a máscara; com máscara, cor e mistura.",
)

# %% [markdown] lang="en"
# At the cheek a little of Bia's hair has come along, since the mask is only the hull of Ana's points. That is
# why olhar's networks learn a mask as well: what of the square is face.

# %% [markdown] lang="pt"
# Na bochecha veio junto um pouco do cabelo de Bia, pois a máscara é só o contorno dos pontos de Ana. É por
# isso que as redes do olhar aprendem também uma máscara: o que, no quadrado, é rosto.

# %% [markdown] lang="en"
# ## Consent, and a label
#
# olhar trains no face swap without a record that says who agreed, to what, until when, and where the proof
# is. The record's fingerprint is kept in the model and in every picture made with it. And every result
# carries a label that people see, and a signature that programs read. Neither stops somebody who means
# harm; they help those who mean well to do right, and others to find out. Ask yourself before you begin:
# would I show this to the person in it?

# %% [markdown] lang="pt"
# ## Consentimento, e um rótulo
#
# O olhar não treina troca de rostos sem um registro que diga quem concordou, com quê, até quando, e onde está
# a prova. A impressão digital do registro fica guardada no modelo e em cada imagem feita com ele. E todo
# resultado leva um rótulo que as pessoas veem e uma assinatura que os programas leem. Nada disso detém quem
# quer fazer o mal; ajuda quem quer o bem a agir certo, e os outros a perceber. Antes de começar, pergunte a
# si mesmo: eu mostraria isto à pessoa que está na imagem?

# %%
import datetime as dt
import tempfile
from pathlib import Path

from olhar import OlharError
from olhar.media.consent import Person, make
from olhar.media.label import label

today = dt.date(2030, 5, 1)
with tempfile.TemporaryDirectory() as folder:
    proof = Path(folder, "letter.txt")
    proof.write_text("We agree. Ana, Bia", "utf-8")
    people = [Person(name=name, given_by=name) for name in ("Ana", "Bia")]
    until = dt.date(2030, 12, 31)
    record = make(Path(folder, "consent.json"), people, ["train"], until, proof, today=today)
    refused = 0
    for scope, names, day in [
        ("train", ["Ana", "Bia"], today),  # they said yes to that
        ("publish", ["Ana"], today),
        ("train", ["Clara"], today),
        ("train", ["Ana"], dt.date(2031, 1, 1)),
    ]:
        try:
            record.check(scope, names, today=day)
        except OlharError as error:
            refused += 1
            print(f"{scope} {', '.join(names)}, {day}: no, {error}")
        else:
            print(f"{scope} {', '.join(names)}, {day}: yes")
assert refused == 3

# %% jupyter={"source_hidden": true}
show(
    [label(blended), label(blended, language="pt-BR")],
    en="With the label that olhar swap draws, in both languages.",
    pt="Com o rótulo que olhar swap desenha, nas duas línguas.",
    enlarge=2,
)

# %% [markdown] lang="en"
# ## Exercises
#
# 1. Ana is filmed, and Bia's face is to appear: through which decoder, `"a"` or `"b"`?
# 2. Write `swap(encoder, decoders, face)`, which puts Bia in the place of Ana; `decoders` is a dictionary
#    with "a" and "b".
# 3. Who must have agreed before the training begins: `"a"`, `"b"` or `"both"`?

# %% [markdown] lang="pt"
# ## Exercícios
#
# 1. Ana é filmada, e o rosto de Bia é que deve aparecer: por qual decoder, `"a"` ou `"b"`?
# 2. Escreva `swap(encoder, decoders, face)`, que põe Bia no lugar de Ana; `decoders` é um dicionário com
#    "a" e "b".
# 3. Quem precisa ter concordado antes de o treino começar: `"a"`, `"b"` ou as duas (`"both"`)?

# %%
which = ...
swap = ...  # lambda encoder, decoders, face: ...
agreed = ...

check("faceswap.decoder", which)
check("faceswap.swap", swap)
check("faceswap.consent", agreed)
