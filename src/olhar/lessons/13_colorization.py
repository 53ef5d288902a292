# %% [markdown] lang="en"
# # 13. Colorization
#
# An old photograph of a ball in the grass. The grass was green, that much is sure. But the ball? It may
# have been red, blue or yellow; the photograph does not say. A network that colours must live with that.
# In this lesson you take lightness and colour apart by hand, see why a network that wants to be wrong as
# little as possible paints everything brown, and teach a tiny one to make up its mind.

# %% [markdown] lang="pt"
# # 13. Colorização
#
# Uma foto antiga de uma bola na grama. A grama era verde, isso é certo. E a bola? Pode ter sido vermelha,
# azul ou amarela; a foto não diz. Uma rede que colore precisa conviver com isso. Nesta lição você separa
# à mão a luminosidade da cor, vê por que uma rede que quer errar o mínimo possível pinta tudo de marrom,
# e ensina uma rede minúscula a se decidir.

# %% [markdown] lang="en"
# ## From nothing: lightness here, colour there
#
# Red, green and blue each mix lightness and colour. For this task we want them apart, and as the eye
# counts them: that is CIE L\*a\*b\*. L is lightness, from 0 to 100. The pair a, b is colour: a from green
# to red, b from blue to yellow, and 0, 0 is grey. Three steps lead there:
#
# 1. sRGB values are squeezed for storage. Undo that, and they count light.
# 2. Three sums of the light (a matrix) are what the eye's receptors answer to, relative to white.
# 3. The eye feels steps as ratios, so take cube roots, and their differences.

# %% [markdown] lang="pt"
# ## Do zero: luminosidade de um lado, cor do outro
#
# Vermelho, verde e azul misturam, cada um, luminosidade e cor. Para esta tarefa queremos as duas
# separadas, e contadas como o olho conta: é o CIE L\*a\*b\*. L é a luminosidade, de 0 a 100. O par a, b é
# a cor: a vai do verde ao vermelho, b do azul ao amarelo, e 0, 0 é cinza. São três passos:
#
# 1. Os valores sRGB são comprimidos para guardar. Desfaça isso, e eles contam luz.
# 2. Três somas da luz (uma matriz) são aquilo a que respondem os receptores do olho, em relação ao branco.
# 3. O olho sente os degraus como razões; então tire raízes cúbicas, e as diferenças entre elas.

# %%
MATRIX = [
    [0.4123908, 0.3575843, 0.1804808],
    [0.2126390, 0.7151687, 0.0721923],
    [0.0193308, 0.1191948, 0.9505322],
]


def lab(red, green, blue):
    """One colour, each value from 0 to 1."""
    squeezed = (red, green, blue)
    light = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in squeezed]
    felt = []
    for row in MATRIX:
        answer = sum(m * v for m, v in zip(row, light, strict=True)) / sum(row)  # white is 1
        felt.append(answer ** (1 / 3) if answer > (6 / 29) ** 3 else answer * 841 / 108 + 4 / 29)
    x, y, z = felt
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


for name, color in {
    "white": (1, 1, 1),
    "grey": (0.4, 0.4, 0.4),
    "red": (1, 0, 0),
    "orange": (1, 0.6, 0.1),
    "blue": (0.1, 0.5, 0.9),
}.items():
    print(f"{name:7} L {lab(*color)[0]:5.1f}  a {lab(*color)[1]:6.1f}  b {lab(*color)[2]:6.1f}")
assert all(abs(v - w) < 0.01 for v, w in zip(lab(1, 0, 0), (53.24, 80.09, 67.20), strict=True))

# %% [markdown] lang="en"
# ## The same with torch, the same with olhar
#
# The same three steps for all pixels at once. olhar has them in `olhar.media.color`, with a careful way
# back as well.

# %% [markdown] lang="pt"
# ## O mesmo com torch, o mesmo com o olhar
#
# Os mesmos três passos para todos os pixels de uma vez. O olhar os tem em `olhar.media.color`, e também
# com um cuidadoso caminho de volta.

# %%
import torch

from olhar.media.color import fit_gamut, lab_to_srgb, srgb_to_lab
from olhar.samples import painting


def lab_of(image):
    """(3, H, W) sRGB in [0, 1] to (3, H, W) L, a, b."""
    light = torch.where(image <= 0.04045, image / 12.92, ((image + 0.055) / 1.055) ** 2.4)
    matrix = torch.tensor(MATRIX)
    answers = torch.einsum("ij,jhw->ihw", matrix / matrix.sum(1, keepdim=True), light)
    root = answers.clamp(min=0) ** (1 / 3)
    x, y, z = torch.where(answers > (6 / 29) ** 3, root, answers * 841 / 108 + 4 / 29)
    return torch.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)])


lilies = painting("lilies", size=128)
by_torch, by_olhar = lab_of(lilies), srgb_to_lab(lilies)
by_hand = torch.tensor([lab(*lilies[:, row, row].tolist()) for row in range(128)]).T
print(f"torch and olhar differ by at most {(by_torch - by_olhar).abs().max():.4f} of 100")
assert (by_torch - by_olhar).abs().max() < 0.02
assert (by_hand - by_olhar.diagonal(dim1=1, dim2=2)).abs().max() < 0.02

# %% jupyter={"source_hidden": true}
from olhar.lessons import check, pace, predict, reveal, show


def colored(light, ab):
    """L (1, H, W) and a, b (2, H, W) as an image; colours that do not exist are made paler."""
    return lab_to_srgb(fit_gamut(torch.cat([light, ab]))).clamp(0, 1)


light, ab = by_olhar[:1], by_olhar[1:]
show(
    [
        lilies,
        colored(light, 0 * ab),
        colored(0 * light + 65, ab),
    ],
    en="A painting, its L alone, and its a and b alone: nearly all detail is in L.",
    pt="Uma pintura, só o L dela, e só o a e o b: quase todo o detalhe está no L.",
)

# %% jupyter={"source_hidden": true}
predict(
    en="We keep L, and make a and b four times coarser in both directions. Of the three numbers per "
    "pixel, how many percent are left to guess?",
    pt="Guardamos o L e deixamos a e b quatro vezes mais grossos em cada direção. Dos três números "
    "por pixel, quantos por cento sobram para adivinhar?",
)

# %%
import torch.nn.functional as F

coarse = F.avg_pool2d(ab, 4)
back = F.interpolate(coarse[None], scale_factor=4, mode="bicubic")[0]
again = colored(light, back)
print(f"share of the numbers: {coarse.numel() / lilies.numel():.1%}")

# %% jupyter={"source_hidden": true}
reveal(
    f"{100 * coarse.numel() / lilies.numel():.1f}%",
    en="two numbers for sixteen pixels, and the eye hardly notices. So networks guess colours small.",
    pt="dois números para dezesseis pixels, e o olho quase não percebe. Por isso as redes adivinham "
    "as cores em tamanho pequeno.",
)
show(
    [lilies, again],
    en="The painting, and with colours four times coarser.",
    pt="A pintura, e com cores quatro vezes mais grossas.",
    enlarge=2,
)

# %% [markdown] lang="en"
# ## A world with one secret
#
# We draw little scenes: a sky that is always blue, a meadow that is always green, and a ball. In seven of
# ten scenes it is orange, in three blue, and its lightness gives nothing away. The network sees L alone.

# %% [markdown] lang="pt"
# ## Um mundo com um segredo
#
# Desenhamos cenas pequenas: um céu sempre azul, um gramado sempre verde e uma bola. Em sete de cada dez
# cenas ela é laranja, em três é azul, e a luminosidade não entrega nada. A rede vê só o L.

# %%
ORANGE, BLUE = torch.tensor([40.0, 55.0]), torch.tensor([0.0, -45.0])
SKY, GRASS = torch.tensor([-4.0, -26.0]), torch.tensor([-32.0, 36.0])


def scenes(count, seed, side=32):
    """L (N, 1, S, S), a and b (N, 2, S, S), and where the ball is (N, 1, S, S)."""
    generator = torch.Generator().manual_seed(seed)
    u = torch.rand(5, count, 1, 1, 1, generator=generator)
    y, x = torch.meshgrid(torch.linspace(0, 1, side), torch.linspace(0, 1, side), indexing="ij")
    grain = torch.randn(count, 1, side, side, generator=generator)

    horizon = 0.4 + 0.3 * u[0]
    sky = y < horizon
    light = torch.where(sky, 72 + 14 * y / horizon, 46 + 4 * grain)
    color = torch.where(sky, SKY.view(2, 1, 1), GRASS.view(2, 1, 1))

    across, down, radius = x - (0.3 + 0.4 * u[1]), y - (0.4 + 0.3 * u[2]), 0.17 + 0.07 * u[3]
    ball = across**2 + down**2 < radius**2
    shade = 62 - 14 * (across + down) / radius  # lit from the upper left
    paint = torch.where(u[4] < 0.7, ORANGE.view(2, 1, 1), BLUE.view(2, 1, 1))
    return torch.where(ball, shade, light), torch.where(ball, paint, color), ball


example = scenes(8, seed=1)
pictures = [colored(light, ab) for light, ab, _ in zip(*example, strict=True)]
greys = [colored(light, 0 * ab) for light, ab, _ in zip(*example, strict=True)]

# %% jupyter={"source_hidden": true}
from olhar.lessons.drawing import sheet

show(
    sheet(torch.stack(pictures + greys), 8),
    en="Eight scenes, and what the network sees of them.",
    pt="Oito cenas, e o que a rede vê delas.",
    enlarge=3,
)

# %% [markdown] lang="en"
# ## Two ways to answer
#
# One trunk, two heads. The first head says a and b, and learns by squared error: this is *regression*.
# The second head cuts the a-b plane into cells of 10 × 10, the *bins*, and says how probable each is:
# this is *classification*, as in lesson 7, for every pixel. Guess what the first one says of a ball.

# %% [markdown] lang="pt"
# ## Dois jeitos de responder
#
# Um tronco, duas cabeças. A primeira diz a e b e aprende com o erro quadrático: é *regressão*. A segunda
# corta o plano a-b em células de 10 × 10, os *bins*, e diz quão provável é cada uma: é *classificação*,
# como na lição 7, em cada pixel. Adivinhe o que a primeira diz de uma bola.

# %% jupyter={"source_hidden": true}
predict(
    en="Orange is (40, 55), blue is (0, -45), seven to three. Which a and b have the smallest "
    "expected squared error, and which colour is that?",
    pt="Laranja é (40, 55), azul é (0, -45), sete para três. Que a e b têm o menor erro quadrático "
    "esperado, e que cor é essa?",
)

# %%
from torch import nn

STEP, REACH = 10, 60
axis = torch.arange(-REACH, REACH + 1, STEP).float()
bins = torch.cartesian_prod(axis, axis)  # (169, 2)


def bin_of(ab):
    """a, b (N, 2, h, w) to the number of the nearest bin, (N, h, w)."""
    a, b = ((ab + REACH) / STEP).round().long().clamp(0, len(axis) - 1).unbind(1)
    return a * len(axis) + b


class Tiny(nn.Module):
    def __init__(self):
        super().__init__()
        layers = [nn.Conv2d(1, 32, 3, 2, 1), nn.ReLU()]
        for reach in (1, 2, 4, 2, 1):  # dilated: wide views for little work
            layers += [nn.Conv2d(32, 32, 3, 1, reach, reach), nn.ReLU()]
        self.trunk = nn.Sequential(*layers)
        self.regression = nn.Conv2d(32, 2, 1)
        self.classification = nn.Conv2d(32, len(bins), 1)

    def forward(self, light):
        """L (N, 1, H, W) to a, b (N, 2, H/2, W/2) and logits of the bins (N, 169, H/2, W/2)."""
        seen = self.trunk(light / 50 - 1)
        return 50 * self.regression(seen), self.classification(seen)


torch.manual_seed(0)
network = Tiny()
steps = pace(300, fast=8)
optimizer = torch.optim.Adam(network.parameters(), 5e-3)
schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 1e-2, steps)
for i in range(steps):
    light, ab, _ = scenes(32, seed=100 + i)
    target = ab[:, :, ::2, ::2]  # at the size of the answer
    said, logits = network(light)
    loss = 4 * F.mse_loss(said / 50, target / 50) + F.cross_entropy(logits, bin_of(target))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    schedule.step()

# %% [markdown] lang="en"
# Probabilities are not yet a colour. Their mean is as brown as the regression. The most probable bin is
# a colour, but it jumps from pixel to pixel. The *annealed mean* lies between: sharpen the probabilities
# with a temperature T, p to the power of 1/T, then take the mean. T = 1 is the mean, T → 0 the most
# probable bin, and 0.38 has proved good for photographs.

# %% [markdown] lang="pt"
# Probabilidades ainda não são uma cor. A média delas é tão marrom quanto a regressão. O bin mais provável
# é uma cor, mas ela salta de pixel em pixel. A *annealed mean* (média recozida) fica no meio: afie as
# probabilidades com uma temperatura T, p elevado a 1/T, e só então tire a média. T = 1 é a média, T → 0 o
# bin mais provável, e 0,38 se mostrou bom para fotos.


# %%
def annealed_mean(logits, temperature):
    shares = (logits / temperature).softmax(1)  # p ** (1 / T), and divided by the sum
    return torch.einsum("nqhw,qc->nchw", shares, bins)


light, ab, ball = scenes(64, seed=7)
with torch.no_grad():
    said, logits = network(light)
truth, where = ab[:, :, ::2, ::2], ball[:, :, ::2, ::2]
answers = {
    "regression": said,
    "mean, T = 1": annealed_mean(logits, 1.0),
    "annealed, T = 0.38": annealed_mean(logits, 0.38),
    "T = 0.1": annealed_mean(logits, 0.1),
}
errors = {}
of_balls = {name: answer.movedim(1, -1)[where[:, 0]].mean(0) for name, answer in answers.items()}
for name, answer in answers.items():
    errors[name] = (answer - truth).square().mean().sqrt().item()
    a, b = of_balls[name].tolist()
    print(f"{name:19} error {errors[name]:5.2f}; a ball is ({a:5.1f}, {b:5.1f})")

# %% jupyter={"source_hidden": true}
wanted = 0.7 * ORANGE + 0.3 * BLUE
reveal(
    tuple(round(value) for value in wanted.tolist()),
    en="the mean, a pale brown that no ball in this world has. Squared error wants it so: between two truths "
    "it stands in the middle. On photographs, with many colours for each thing, the middle is grey.",
    pt="a média, um marrom pálido que nenhuma bola deste mundo tem. O erro quadrático quer assim: entre duas "
    "verdades, fica no meio. Em fotos, com muitas cores para cada coisa, o meio é cinza.",
)
if steps > 100:
    assert (of_balls["regression"] - wanted).norm() < 12
    assert (of_balls["T = 0.1"] - ORANGE).norm() < 12
    assert errors["mean, T = 1"] < errors["T = 0.1"]


def painted(answer, count=8):
    """Coarse colours over the scene's own lightness."""
    whole = F.interpolate(answer[:count], scale_factor=2, mode="bilinear")
    return torch.stack([colored(*each) for each in zip(light[:count], whole, strict=True)])


rows = [torch.stack([colored(*each) for each in zip(light[:8], ab[:8], strict=True)])]
rows += [painted(answers[name]) for name in ("regression", "annealed, T = 0.38", "T = 0.1")]
show(
    sheet(torch.cat(rows), 8),
    en="From the top: the truth; regression; annealed at 0.38; at 0.1.",
    pt="De cima para baixo: a verdade; regressão; annealed mean a 0,38; a 0,1.",
    enlarge=3,
)

# %% [markdown] lang="en"
# Look at the errors once more. The two means have the smallest, and nobody would hang up their pictures. Sky
# and grass are right either way. The orange balls are too vivid a guess for the three of ten that were
# blue, and still the better picture. *A plausible colour is not the true one, and the number alone does
# not tell which picture is better.*

# %% [markdown] lang="pt"
# Olhe os erros mais uma vez. As duas médias têm os menores, e ninguém penduraria as imagens delas na parede. Céu
# e grama saem certos de todo modo. As bolas laranja são um palpite ousado demais para as três em dez que
# eram azuis, e ainda assim a imagem fica melhor. *Uma cor plausível não é a verdadeira, e só o número não
# diz qual imagem é melhor.*

# %% [markdown] lang="en"
# ## The same with olhar
#
# `olhar colorize photo.jpg` is this lesson with photographs: L in, probabilities of 261 bins at a quarter
# of the size out, an annealed mean. What it adds: an encoder that knows things from a million pictures;
# weights that make rare colours count, since most of the world is grey (`--vivid` turns them up and down);
# colours that do not exist are made paler and not darker; the photo keeps its own L at full resolution;
# and hints. If you know that the ball was blue, say so.

# %% [markdown] lang="pt"
# ## O mesmo com o olhar
#
# `olhar colorize photo.jpg` é esta lição com fotos: entra L, saem probabilidades de 261 bins a um quarto
# do tamanho, e uma annealed mean. O que ele acrescenta: um encoder que conhece coisas de um milhão de
# imagens; pesos que fazem as cores raras contar, já que quase tudo no mundo é cinza (`--vivid` aumenta e
# diminui esses pesos); cores que não existem ficam mais pálidas, e não mais escuras; a foto mantém o seu
# próprio L em resolução total; e dicas. Se você sabe que a bola era azul, diga.

# %%
import olhar
from olhar.colorize import Hints, Point
from olhar.colorize.bins import grid
from olhar.samples.face import face

assert grid().shape == (261, 2)
portrait = face(0, 192, yaw=15, smile=0.5, scale=0.9)
grey = colored(srgb_to_lab(portrait)[:1], torch.zeros(2, 192, 192))
safe, vivid = olhar.colorize(grey, vivid=0), olhar.colorize(grey)
shirt = Hints(points=(Point(x=0.5, y=0.94, color="#a03040", radius=0.04),))
hinted = olhar.colorize(grey, hints=shirt)
kept = (srgb_to_lab(vivid)[0] - srgb_to_lab(grey)[0]).abs().mean().item()
print(f"L changes by {kept:.3f} of 100 on average")
assert kept < 0.1

# %% jupyter={"source_hidden": true}
show(
    [portrait, grey, safe, vivid, hinted],
    en="A drawn face; its L; coloured with --vivid 0, as usual, and with one red point on the shirt.",
    pt="Um rosto desenhado; o L dele; colorido com --vivid 0, como de costume, e com um ponto vermelho "
    "na camisa.",
)

# %% [markdown] lang="en"
# Whatever a colorizer paints is a guess. That is why olhar writes into every such picture that a machine
# coloured it.

# %% [markdown] lang="pt"
# Tudo o que um colorizador pinta é palpite. Por isso o olhar grava em cada imagem dessas que foi uma
# máquina que coloriu.

# %% [markdown] lang="en"
# ## Exercises
#
# 1. What is L of the grey with red, green and blue at 0.5? One decimal is enough.
# 2. A world has three green balls (-40, 40) for each red one (60, 40). What does a regression answer?
#    Write `(a, b)`.
# 3. Write `annealed(p, temperature)`: for probabilities `(Q,)` the sharpened ones, which sum to 1 again.

# %% [markdown] lang="pt"
# ## Exercícios
#
# 1. Qual é o L do cinza com vermelho, verde e azul em 0,5? Uma casa decimal basta.
# 2. Um mundo tem três bolas verdes (-40, 40) para cada vermelha (60, 40). O que responde uma regressão?
#    Escreva `(a, b)`.
# 3. Escreva `annealed(p, temperature)`: de probabilidades `(Q,)`, as afiadas, que voltam a somar 1.

# %%
lightness = ...
answer = ...
annealed = ...  # lambda p, temperature: ...

check("colorization.lightness", lightness)
check("colorization.answer", answer)
check("colorization.annealed", annealed)
