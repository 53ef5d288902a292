# %% [markdown] lang="en"
# # 5. Normalisation and hyperparameters
#
# Two networks, the same data, the same code: one learns in a minute, the other never. Nearly always the
# reason is one of two things that are decided *before* training. The numbers that go in have an awkward
# size, or a hyperparameter does, above all the learning rate. Here you see both as curves.

# %% [markdown] lang="pt"
# # 5. Normalização e hiperparâmetros
#
# Duas redes, os mesmos dados, o mesmo código: uma aprende em um minuto, a outra nunca. Quase sempre a razão
# é uma de duas coisas que se decidem *antes* do treino. Os números que entram têm um tamanho incômodo, ou
# um hiperparâmetro tem, sobretudo a taxa de aprendizado. Aqui você vê ambos como curvas.

# %% [markdown] lang="en"
# ## Normalising, from nothing
#
# To normalise is to bring values to a standard range. Three are in use for pictures: 0 to 1, -1 to 1, and
# "mean 0, deviation 1". Each is one subtraction and one division.

# %% [markdown] lang="pt"
# ## Normalizar, do zero
#
# Normalizar é trazer os valores para um intervalo padrão. Para imagens usam-se três: de 0 a 1, de -1 a 1 e
# "média 0, desvio 1". Cada um é uma subtração e uma divisão.

# %%
import math

import torch

from olhar.lessons import check, pace, predict, reveal, say, show

pixels = [0, 51, 102, 204, 255, 255]  # as in a file

unit = [p / 255 for p in pixels]
signed = [(u - 0.5) / 0.5 for u in unit]
mean = sum(unit) / len(unit)
deviation = math.sqrt(sum((u - mean) ** 2 for u in unit) / len(unit))
standard = [(u - mean) / deviation for u in unit]
for name, values in (("0 to 1", unit), ("-1 to 1", signed), ("mean 0", standard)):
    print(f"{name:<8}", *(f"{v:6.2f}" for v in values))

# %% [markdown] lang="en"
# ## The same with torch, and with olhar
#
# In olhar a network normalises *inside* itself (`Normalize`), so nobody can forget it or do it twice:
# outside, an image is always 0 to 1.

# %% [markdown] lang="pt"
# ## O mesmo com torch, e com olhar
#
# No olhar, a rede normaliza *dentro* de si mesma (`Normalize`), e assim ninguém esquece nem faz duas vezes:
# do lado de fora, uma imagem vai sempre de 0 a 1.

# %%
from olhar.nets.blocks import Normalize

tensor = torch.tensor(pixels).float() / 255
with_torch = (tensor - tensor.mean()) / tensor.std(correction=0)
image = tensor.reshape(1, 1, 2, 3).expand(1, 3, 2, 3)
with_olhar = Normalize([mean] * 3, [deviation] * 3)(image)[0, 0].flatten()
assert torch.allclose(torch.tensor(standard), with_torch, atol=1e-6)
assert torch.allclose(with_torch, with_olhar, atol=1e-5)

# %% [markdown] lang="en"
# ## What it removes
#
# The same drawing, photographed once in good light and once in poor light. To us it is the same drawing,
# to a network it is other numbers, and it may learn the light instead of the drawing. After normalising
# each picture by itself, the difference is gone.

# %% [markdown] lang="pt"
# ## O que ela remove
#
# O mesmo desenho, fotografado uma vez com boa luz e outra com luz fraca. Para nós é o mesmo desenho; para
# uma rede são outros números, e ela pode acabar aprendendo a luz em vez do desenho. Depois de normalizar
# cada imagem por si, a diferença some.

# %%
from olhar.samples import painting

bright = painting("azulejo", size=160)
dim = 0.15 + 0.35 * bright


def by_itself(picture):
    return (picture - picture.mean()) / picture.std()


assert not torch.allclose(bright, dim, atol=0.1)
assert torch.allclose(by_itself(bright), by_itself(dim), atol=1e-4)

# %% jupyter={"source_hidden": true}
show(
    [bright, dim, *(0.5 + by_itself(p) / 5 for p in (bright, dim))],
    en="Good light, poor light, and both after normalising.",
    pt="Boa luz, luz fraca, e ambas depois de normalizar.",
)

# %% [markdown] lang="en"
# ## What it does to learning
#
# Learning walks downhill. If one input is ten times as large as another, the valley becomes a narrow gorge:
# steep from wall to wall, nearly flat along its floor. The step must be small for the walls, and is then
# too small for the floor. Here is the same walk, with the same number of steps, in a gorge and in a round
# bowl. It is only a sketch in two weights; a network has thousands.

# %% [markdown] lang="pt"
# ## O que ela faz com o aprendizado
#
# Aprender é andar ladeira abaixo. Se uma entrada é dez vezes maior que outra, o vale vira um desfiladeiro:
# íngreme de parede a parede, quase plano ao longo do fundo. O passo tem de ser pequeno por causa das
# paredes, e então é pequeno demais para o fundo. Aqui está a mesma caminhada, com o mesmo número de passos,
# em um desfiladeiro e em uma tigela redonda. É só um esboço com dois pesos; uma rede tem milhares.


# %%
def walk(steepness, rate, steps=20):
    """Downhill on (steepness * a² + b²) / 2, from (1, 1)."""
    a, b = 1.0, 1.0
    path = [(a, b)]
    for _ in range(steps):
        a, b = a - rate * steepness * a, b - rate * b
        path.append((a, b))
    return path


gorge, bowl = walk(steepness=25, rate=0.075), walk(steepness=1, rate=0.6)
print(
    f"distance left: gorge {math.dist(gorge[-1], (0, 0)):.4f}, bowl {math.dist(bowl[-1], (0, 0)):.1e}"
)

# %% jupyter={"source_hidden": true}
from olhar.look.chart import Line, chart
from olhar.look.phrase import Phrase

show(
    chart(
        [
            Line(Phrase("gorge", "desfiladeiro"), *zip(*gorge, strict=True), style="both"),
            Line(Phrase("bowl", "tigela"), *zip(*bowl, strict=True), style="both"),
            Line("", [0.0], [0.0], "points"),
        ],
        x=Phrase("first weight", "primeiro peso"),
        y=Phrase("second weight", "segundo peso"),
    ),
    en="Twenty steps from (1, 1) to the lowest point, which is (0, 0).",
    pt="Vinte passos de (1, 1) até o ponto mais baixo, que é (0, 0).",
)

# %% [markdown] lang="en"
# ## With and without, on real digits
#
# The same network, the same order of the digits, the same learning rate. Only the size of the pixels
# differs: 0 to 255 as in a file, 0 to 1, or mean 0 and deviation 1. The optimiser is the plainest there
# is, SGD; we write it ourselves first and see that it is the one of torch.

# %% [markdown] lang="pt"
# ## Com e sem, em dígitos de verdade
#
# A mesma rede, a mesma ordem dos dígitos, a mesma taxa de aprendizado. Só muda o tamanho dos pixels: de 0 a
# 255 como no arquivo, de 0 a 1, ou média 0 e desvio 1. O otimizador é o mais simples que existe, o SGD;
# primeiro o escrevemos nós mesmos e vemos que é o do torch.

# %%
from itertools import pairwise

import torch.nn.functional as F
from torch import nn

from olhar.lessons.digits import split

x, t = split()["train"]
center, spread = x.mean(), x.std()


def network(units=(32,)):
    torch.manual_seed(0)
    widths = [64, *units, 10]
    layers = [nn.Flatten()]
    for before, after in pairwise(widths):
        layers += [nn.Linear(before, after), nn.ReLU()]
    return nn.Sequential(*layers[:-1])


def train(scale, rate, steps, units=(32,), by_hand=False):
    """The loss at each step."""
    model = network(units)
    optimizer = torch.optim.SGD(model.parameters(), lr=rate)
    order = torch.Generator().manual_seed(0)
    losses = []
    for _ in range(steps):
        rows = torch.randint(len(x), (64,), generator=order)
        loss = F.cross_entropy(model(scale(x[rows])), t[rows])
        model.zero_grad()
        loss.backward()
        if by_hand:
            with torch.no_grad():
                for weight in model.parameters():
                    weight -= rate * weight.grad
        else:
            optimizer.step()
        losses.append(min(loss.item(), 4.0) if math.isfinite(loss.item()) else 4.0)
    return losses


SCALES = {
    "0 to 255": lambda image: image * 255,
    "0 to 1": lambda image: image,
    "mean 0": lambda image: (image - center) / spread,
}
ours = train(SCALES["mean 0"], 0.1, 20, by_hand=True)
torchs = train(SCALES["mean 0"], 0.1, 20)
assert all(math.isclose(a, b, abs_tol=1e-5) for a, b in zip(ours, torchs, strict=True))

# %% jupyter={"source_hidden": true}
predict(
    en="Same network, same rate of 0.1. Which learns worst: pixels 0 to 255, 0 to 1, or mean 0?",
    pt="A mesma rede, a mesma taxa de 0.1. Qual aprende pior: pixels de 0 a 255, de 0 a 1, ou média 0?",
)

# %%
STEPS = pace(300, fast=60)
curves = {name: train(scale, 0.1, STEPS) for name, scale in SCALES.items()}


def last(losses):
    return sum(losses[-20:]) / 20


worst = max(curves, key=lambda name: last(curves[name]))

# %% jupyter={"source_hidden": true}
reveal(
    worst,
    en=f"its loss ends at {last(curves[worst]):.2f}, and that of mean 0 at {last(curves['mean 0']):.2f}. "
    "Its first steps are hundreds of times too large.",
    pt=f"sua perda termina em {last(curves[worst]):.2f}, e a de média 0 em {last(curves['mean 0']):.2f}. "
    "Seus primeiros passos são centenas de vezes grandes demais.",
)


def smooth(losses, over=10):
    mean, found = losses[0], []
    for loss in losses:
        mean += (loss - mean) / over
        found.append(mean)
    return found


NAMES = {"0 to 255": Phrase("0 to 255", "0 a 255"), "0 to 1": Phrase("0 to 1", "0 a 1"),
         "mean 0": Phrase("mean 0, deviation 1", "média 0, desvio 1")}  # fmt: skip
show(
    chart(
        [Line(NAMES[name], range(1, STEPS + 1), smooth(loss)) for name, loss in curves.items()],
        x=Phrase("step", "passo"),
        y=Phrase("loss (cut off at 4)", "perda (cortada em 4)"),
    ),
    en="The same training with three sizes of the pixels.",
    pt="O mesmo treino com três tamanhos de pixel.",
)

# %% [markdown] lang="en"
# ## Hyperparameters
#
# *Parameters* are what the network learns: its weights. *Hyperparameters* are what you set before it
# starts: learning rate, number of layers, units in each layer, batch size, epochs. No gradient reaches
# them. One trains, looks at the validation, changes them, and trains again. The learning rate is the one
# that matters most.

# %% [markdown] lang="pt"
# ## Hiperparâmetros
#
# *Parâmetros* são o que a rede aprende: seus pesos. *Hiperparâmetros* são o que você define antes de ela
# começar: taxa de aprendizado, número de camadas, unidades em cada camada, tamanho do lote, épocas. Nenhum
# gradiente chega até eles. A gente treina, olha a validação, muda e treina de novo. A taxa de aprendizado é
# o que mais importa.

# %%
rates = {0.002: "too small", 0.2: "right", 8.0: "too large"}
by_rate = {rate: train(SCALES["mean 0"], rate, STEPS) for rate in rates}
for rate, losses in by_rate.items():
    print(f"learning rate {rate:<6} {rates[rate]:<10} loss at the end {last(losses):.2f}")
if STEPS == 300:
    assert last(by_rate[0.2]) < min(last(by_rate[0.002]), last(by_rate[8.0])) / 4

# %% jupyter={"source_hidden": true}
SAID = {0.002: Phrase("0.002: too small", "0,002: pequena demais"), 0.2: Phrase("0.2: right", "0,2: boa"),
        8.0: Phrase("8: too large", "8: grande demais")}  # fmt: skip
show(
    chart(
        [Line(SAID[rate], range(1, STEPS + 1), smooth(loss)) for rate, loss in by_rate.items()],
        x=Phrase("step", "passo"),
        y=Phrase("loss (cut off at 4)", "perda (cortada em 4)"),
    ),
    en="Three learning rates: one crawls, one learns, one jumps over every valley.",
    pt="Três taxas de aprendizado: uma se arrasta, uma aprende, uma pula por cima de todos os vales.",
)

# %% [markdown] lang="en"
# Layers and units, in the same way. Read the table like this: more is not always better.

# %% [markdown] lang="pt"
# Camadas e unidades, do mesmo jeito. Leia a tabela assim: mais nem sempre é melhor.

# %%
print("layers x units   parameters   loss at the end")
for units in ((), (4,), (32,), (32, 32), (32, 32, 32, 32)):
    count = sum(p.numel() for p in network(units).parameters())
    found = last(train(SCALES["mean 0"], 0.1, STEPS, units))
    print(f"{len(units)} x {units[0] if units else '-':<12} {count:>8,}   {found:>12.3f}")

# %% [markdown] lang="en"
# ## The same with olhar: find a rate
#
# Instead of guessing, one can try all rates in a single short run: start tiny, multiply at each step, and
# watch where the loss falls the fastest (Smith, 2015). `olhar find-rate` does it for any recipe.

# %% [markdown] lang="pt"
# ## O mesmo com olhar: achar uma taxa
#
# Em vez de adivinhar, dá para provar todas as taxas em uma única corrida curta: começar minúscula,
# multiplicar a cada passo e olhar onde a perda cai mais depressa (Smith, 2015). `olhar find-rate` faz isso
# para qualquer receita.

# %%
from pathlib import Path

import olhar
from olhar.lessons.digits import datasets
from olhar.training.finder import find_rate


class Digits(olhar.Classifier):
    """A classifier whose data is in memory."""

    def datasets(self):
        return datasets(self.augment)


recipe = Digits(
    data=Path("digits"), architecture="mlp", widths=(32,), optimizer="sgd", augment=olhar.Augment()
)
finding = find_rate(recipe, low=1e-4, high=30.0, steps=pace(120, fast=40), device="cpu")
try:
    while True:
        next(finding)
except StopIteration as stop:
    found = stop.value
say(f"suggested: {found.suggestion:.2g}", f"sugestão: {found.suggestion:.2g}")

# %% jupyter={"source_hidden": true}
show(
    chart(
        [Line(Phrase("loss", "perda"), found.rates, found.losses)],
        x=Phrase("learning rate", "taxa de aprendizado"),
        y=Phrase("loss, smoothed", "perda, suavizada"),
        log_x=True,
        mark=found.suggestion,
    ),
    en="Too small on the left, too large on the right; the line is where it falls the fastest.",
    pt="Pequena demais à esquerda, grande demais à direita; a linha marca onde cai mais depressa.",
)

# %% [markdown] lang="en"
# ## Exercises
#
# 1. A pixel of 200 (of 255) becomes what, with a mean of 0.5 and a deviation of 0.25, both for pixels
#    from 0 to 1?
# 2. Write `to_signed(x)`: from 0…1 to -1…1.
# 3. Write `standardise(batch)`: a batch `(N, C, H, W)`, brought to mean 0 and deviation 1 *for each
#    channel*, over all its pictures and pixels.
# 4. Which of these is a hyperparameter: `"weight"`, `"bias"`, `"batch size"`, `"gradient"`?

# %% [markdown] lang="pt"
# ## Exercícios
#
# 1. Um pixel de 200 (de 255) vira quanto, com média 0.5 e desvio 0.25, ambos para pixels de 0 a 1?
# 2. Escreva `to_signed(x)`: de 0…1 para -1…1.
# 3. Escreva `standardise(batch)`: um lote `(N, C, H, W)` levado a média 0 e desvio 1 *em cada canal*, sobre
#    todas as suas imagens e pixels.
# 4. Qual destes é um hiperparâmetro: `"weight"` (peso), `"bias"` (viés), `"batch size"` (tamanho do lote),
#    `"gradient"` (gradiente)?

# %%
pixel = ...
to_signed = ...  # lambda x: ...
standardise = ...  # lambda batch: ...
hyperparameter = ...

check("normalisation.pixel", pixel)
check("normalisation.signed", to_signed)
check("normalisation.standardise", standardise)
check("normalisation.hyperparameter", hyperparameter)
