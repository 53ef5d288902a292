# %% [markdown] lang="en"
# # 3. Gradients and backpropagation
#
# A network learns by asking one question of each of its numbers: if you were a little larger, would
# the mistake grow or shrink, and how fast? The answer is the gradient. Backpropagation finds it for
# all numbers at once, walking backwards through the computation. It sounds like magic and fits on one
# screen. You write it here for single numbers, and it agrees with PyTorch to twelve digits.

# %% [markdown] lang="pt"
# # 3. Gradientes e retropropagação
#
# Uma rede aprende fazendo uma só pergunta a cada um de seus números: se você fosse um pouco maior, o
# erro cresceria ou diminuiria, e com que rapidez? A resposta é o gradiente. A retropropagação
# (backpropagation) o encontra para todos os números de uma vez, percorrendo a conta de trás para a
# frente. Parece mágica e cabe em uma tela. Aqui você a escreve para números soltos, e ela concorda com
# o PyTorch em doze dígitos.

# %% [markdown] lang="en"
# ## From nothing: nudge and look
#
# The slope of a function at a point: move a tiny step to each side, and see how much the result
# changes. This always works, and it is our yardstick. But a network with a million numbers would need
# a million nudges for a single step of learning.

# %% [markdown] lang="pt"
# ## Do zero: empurre e olhe
#
# A inclinação de uma função em um ponto: dê um passo minúsculo para cada lado e veja quanto o resultado
# muda. Isso sempre funciona, e é a nossa régua. Mas uma rede com um milhão de números precisaria de um
# milhão de empurrões para um único passo de aprendizado.

# %%
def slope(function, x, step=1e-5):
    return (function(x + step) - function(x - step)) / (2 * step)


def f(x):
    return x * x + x


# %% jupyter={"source_hidden": true}
from olhar.lessons import check, pace, predict, reveal, say, show
from olhar.look.chart import Line, chart
from olhar.look.phrase import Phrase

predict(
    en="f(x) = x * x + x. How steep is it at x = 3?",
    pt="f(x) = x * x + x. Qual é a inclinação em x = 3?",
)

# %%
steepness = slope(f, 3.0)

# %% jupyter={"source_hidden": true}
reveal(
    round(steepness, 6),
    en="x * x rises by 2x, which is 6, and x by 1.",
    pt="x * x sobe 2x, que é 6, e x sobe 1.",
)
assert abs(steepness - 7) < 1e-6
xs = [i / 10 for i in range(-40, 61)]
show(
    chart(
        [
            Line("f(x) = x·x + x", xs, [f(x) for x in xs]),
            Line(Phrase("slope 7 at x = 3", "inclinação 7 em x = 3"), [1.5, 4.5], [1.5, 22.5]),
            Line("", [3.0], [12.0], "points"),
        ],
        x="x",
        y="f(x)",
    ),
    en="The gradient is the slope of the line that touches the curve.",
    pt="O gradiente é a inclinação da reta que toca a curva.",
)

# %% [markdown] lang="en"
# ## Backpropagation on one screen
#
# Every result remembers two things: from which numbers it came, and how strongly it reacts to each of
# them (the *local* slope). For `a * b` it reacts to `a` with strength `b`, and to `b` with strength `a`.
# To get from the end to the beginning, we multiply these strengths along each path and add up the
# paths. That is the chain rule, and it is the whole trick.

# %% [markdown] lang="pt"
# ## Retropropagação em uma tela
#
# Cada resultado se lembra de duas coisas: de quais números veio e com que força reage a cada um deles
# (a inclinação *local*). Em `a * b`, ele reage a `a` com a força `b`, e a `b` com a força `a`. Para
# chegar do fim ao começo, multiplicamos essas forças ao longo de cada caminho e somamos os caminhos.
# É a regra da cadeia, e esse é o truque inteiro.

# %%
import math


class Number:
    """A number that remembers where it came from."""

    def __init__(self, value, sources=()):
        self.value = value
        self.sources = sources  # pairs: a Number, and how strongly this one reacts to it
        self.gradient = 0.0

    def __add__(self, other):
        other = number(other)
        return Number(self.value + other.value, ((self, 1.0), (other, 1.0)))

    def __mul__(self, other):
        other = number(other)
        return Number(self.value * other.value, ((self, other.value), (other, self.value)))

    def __pow__(self, power):
        return Number(self.value**power, ((self, power * self.value ** (power - 1)),))

    def tanh(self):
        t = math.tanh(self.value)
        return Number(t, ((self, 1 - t * t),))

    def __sub__(self, other):
        return self + number(other) * -1.0

    def __truediv__(self, other):
        return self * number(other) ** -1

    __radd__, __rmul__ = __add__, __mul__

    def backward(self):
        """Give every number that had a part in this one its gradient."""
        order, seen = [], set()

        def visit(node):
            if id(node) not in seen:
                seen.add(id(node))
                for source, _ in node.sources:
                    visit(source)
                order.append(node)  # after all that it came from

        visit(self)
        self.gradient = 1.0  # how strongly the end reacts to itself
        for node in reversed(order):
            for source, strength in node.sources:
                source.gradient += strength * node.gradient


def number(x):
    return x if isinstance(x, Number) else Number(float(x))


# %% [markdown] lang="en"
# The `+=` in the last line matters: a number that is used twice gets a share from each use.

# %% [markdown] lang="pt"
# O `+=` da última linha é importante: um número usado duas vezes recebe uma parte de cada uso.

# %%
a, b, c = Number(2.0), Number(-3.0), Number(5.0)
result = (a * b + c).tanh() * a
result.backward()
print("value", result.value)
print("gradients", a.gradient, b.gradient, c.gradient)

# the yardstick agrees
assert abs(a.gradient - slope(lambda x: math.tanh(x * -3 + 5) * x, 2.0)) < 1e-6

# %% jupyter={"source_hidden": true}


def drawn(end, names):
    """The graph of a result: numbers, their values, their gradients."""
    depth, levels = {}, {}

    def visit(node):
        if id(node) not in depth:
            for source, _ in node.sources:
                visit(source)
            depth[id(node)] = 1 + max((depth[id(s)] for s, _ in node.sources), default=-1)
            levels.setdefault(depth[id(node)], []).append(node)

    visit(end)
    place = {
        id(node): (90 + 150 * level, 50 + 84 * row + 56 * (0 < level < depth[id(end)]))
        for level, nodes in levels.items()
        for row, node in enumerate(nodes)
    }
    parts = []
    for nodes in levels.values():
        for node in nodes:
            x, y = place[id(node)]
            for source, strength in node.sources:
                u, v = place[id(source)]
                parts.insert(0, f'<path d="M{u} {v}L{x} {y}" stroke="#E4DED5" stroke-width="2"/>')
                parts.append(
                    f'<text x="{u + (x - u) / 2:.0f}" y="{v + (y - v) / 2 - 5:.0f}" fill="#6F675E" '
                    f'text-anchor="middle" font-size="11">×{strength:.3g}</text>'
                )
    for nodes in levels.values():
        for node in nodes:
            x, y = place[id(node)]
            parts.append(
                f'<rect x="{x - 46}" y="{y - 21}" width="92" height="42" rx="6" fill="#FAF8F4" stroke="#1E1B18"/>'
                f'<text x="{x}" y="{y - 4}" text-anchor="middle" fill="#1E1B18">'
                f"{names.get(id(node), '')} {node.value:.3g}</text>"
                f'<text x="{x}" y="{y + 13}" text-anchor="middle" font-size="12" fill="#3B4CCA">'
                f"{node.gradient:.3g}</text>"
            )
    width, height = 180 + 150 * max(levels), 100 + 84 * (max(map(len, levels.values())) - 1)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
        f'height="{height}" font-family="system-ui, sans-serif" font-size="13">'
        f'<rect width="{width}" height="{height}" fill="#FAF8F4"/>{"".join(parts)}</svg>'
    )


names = {id(a): "a =", id(b): "b =", id(c): "c =", id(result): ""}
show(
    drawn(result, names),
    en="(a·b + c).tanh() · a: values in black, gradients in blue, local slopes on the lines.",
    pt="(a·b + c).tanh() · a: valores em preto, gradientes em azul, inclinações locais nas linhas.",
)

# %% [markdown] lang="en"
# ## The same with torch
#
# A tensor with `requires_grad=True` remembers in the same way, for whole tensors at once. This is why
# tensors make gradients cheap: one walk backwards, each stop a fast operation on many numbers, on the
# GPU if there is one. We compare a long and ugly formula.

# %% [markdown] lang="pt"
# ## O mesmo com torch
#
# Um tensor com `requires_grad=True` se lembra do mesmo jeito, para tensores inteiros de uma vez. É por
# isso que tensores tornam os gradientes baratos: uma caminhada de volta, e em cada parada uma operação
# rápida sobre muitos números, na GPU se houver uma. Comparamos uma fórmula longa e feia.

# %%
import torch


def ugly(x, y):
    z = x * y + x**3
    return (z.tanh() + y * y / (x * x + 1.0)) * (x - y) ** 2


ours = Number(0.7), Number(-1.3)
ugly(*ours).backward()
theirs = [torch.tensor(n.value, dtype=torch.float64, requires_grad=True) for n in ours]
ugly(*theirs).backward()
for mine, torchs in zip(ours, theirs, strict=True):
    print(mine.gradient, torchs.grad.item())
    assert abs(mine.gradient - torchs.grad.item()) < 1e-12

# %% jupyter={"source_hidden": true}
predict(
    en="w.grad is 6 after loss.backward(). We compute the same loss again and call backward() again. "
    "What is w.grad now?",
    pt="w.grad é 6 depois de loss.backward(). Calculamos a mesma perda de novo e chamamos backward() "
    "de novo. Quanto é w.grad agora?",
)

# %%
w = torch.tensor(3.0, requires_grad=True)
for _ in range(2):
    loss = w * w
    loss.backward()

# %% jupyter={"source_hidden": true}
reveal(
    w.grad.item(),
    en="torch also writes += . That is why every loop of training says zero_grad().",
    pt="o torch também escreve += . Por isso todo laço de treino diz zero_grad().",
)

# %% [markdown] lang="en"
# ## A network that learns
#
# Now all of it: a small network from our numbers, two inputs, eight units, one output. It must learn
# which points lie inside a ring. Learning is one line: each weight takes a small step *against* its
# gradient, downhill. The same network in torch, with the same weights at the start, must have the same
# losses.

# %% [markdown] lang="pt"
# ## Uma rede que aprende
#
# Agora tudo junto: uma pequena rede feita de nossos números, com duas entradas, oito unidades e uma
# saída. Ela deve aprender quais pontos ficam dentro de um anel. Aprender é uma linha: cada peso dá um
# pequeno passo *contra* o seu gradiente, ladeira abaixo. A mesma rede em torch, com os mesmos pesos no
# início, deve ter as mesmas perdas.

# %%
import random

random.seed(0)
POINTS, UNITS, RATE = 40, 8, 0.3
STEPS = pace(240, fast=30)
points = [(random.uniform(-1, 1), random.uniform(-1, 1)) for _ in range(POINTS)]
wanted = [1.0 if x * x + y * y < 0.4 else -1.0 for x, y in points]
start = [[random.gauss(0, 1) for _ in range(3)] for _ in range(UNITS)]
start.append([random.gauss(0, 0.5) for _ in range(UNITS + 1)])

weights = [[Number(w) for w in row] for row in start]


def network(x, y):
    units = [(row[0] * x + row[1] * y + row[2]).tanh() for row in weights[:-1]]
    last = weights[-1]
    return sum((w * unit for w, unit in zip(last, units, strict=False)), last[-1]).tanh()


losses = []
for _ in range(STEPS):
    errors = [(network(*p) - t) ** 2 for p, t in zip(points, wanted, strict=True)]
    loss = sum(errors, Number(0.0)) * (1 / POINTS)
    for row in weights:
        for w in row:
            w.gradient = 0.0  # zero_grad
    loss.backward()
    for row in weights:
        for w in row:
            w.value -= RATE * w.gradient  # one step downhill
    losses.append(loss.value)
print(f"loss {losses[0]:.3f} -> {losses[-1]:.3f}")

# %%
hidden = torch.tensor(start[:-1], dtype=torch.float64, requires_grad=True)
last = torch.tensor(start[-1], dtype=torch.float64, requires_grad=True)
inputs = torch.tensor(points, dtype=torch.float64)
targets = torch.tensor(wanted, dtype=torch.float64)


def network_in_torch(x):
    units = (x @ hidden[:, :2].T + hidden[:, 2]).tanh()
    return (units @ last[:-1] + last[-1]).tanh()


optimizer = torch.optim.SGD([hidden, last], lr=RATE)
for step in range(STEPS):
    loss = (network_in_torch(inputs) - targets).square().mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    assert abs(loss.item() - losses[step]) < 1e-6 * max(1.0, losses[step])
say(
    f"{STEPS} steps, {POINTS} points: our losses and those of torch agree to six digits",
    f"{STEPS} passos, {POINTS} pontos: nossas perdas e as do torch concordam em seis dígitos",
)

# %% jupyter={"source_hidden": true}
from olhar.lessons.drawing import heat

axis = torch.linspace(-1, 1, 160, dtype=torch.float64)
grid = torch.cartesian_prod(axis, axis)  # y, x
with torch.no_grad():
    field = network_in_torch(grid.flip(1)).reshape(160, 160)
picture = heat(field).float()
for (x, y), t in zip(points, wanted, strict=True):
    row, column = (round((v + 1) / 2 * 159) for v in (y, x))
    color = torch.tensor([0.12, 0.11, 0.09] if t > 0 else [0.98, 0.97, 0.96])[:, None, None]
    picture[:, max(0, row - 2) : row + 3, max(0, column - 2) : column + 3] = 0.5
    picture[:, max(0, row - 1) : row + 2, max(0, column - 1) : column + 2] = color
show(
    chart(
        [Line(Phrase("loss", "perda"), range(1, STEPS + 1), losses)],
        x=Phrase("step", "passo"),
        y=Phrase("mean squared error", "erro quadrático médio"),
    ),
    en="The loss goes down, step by step.",
    pt="A perda desce, passo a passo.",
)
show(
    picture,
    en="What the network says of each place: blue inside, amber outside; dark points are inside.",
    pt="O que a rede diz de cada lugar: azul dentro, âmbar fora; pontos escuros estão dentro.",
    enlarge=2,
)

# %% [markdown] lang="en"
# ## The same with olhar: a real network
#
# Nothing changes when there are many more numbers. Here is a classifier of olhar with some thousands.
# We nudge three of its weights by hand and compare with what backpropagation says of them.

# %% [markdown] lang="pt"
# ## O mesmo com olhar: uma rede de verdade
#
# Nada muda quando há muito mais números. Aqui está um classificador do olhar com alguns milhares.
# Empurramos à mão três de seus pesos e comparamos com o que a retropropagação diz deles.

# %%
import torch.nn.functional as F

from olhar.classify.network import Predictor
from olhar.lessons.digits import digits, pictures

torch.manual_seed(0)
classifier = Predictor("mlp", task="class", outputs=10, size=(8, 8), widths=(32,)).double().eval()
image, target = digits()
batch = pictures(image[:16]).double()


def loss_now():
    return F.cross_entropy(classifier(batch).double(), target[:16])


loss_now().backward()
weight = classifier.body.layers[0].weight  # (32, 192)
print(f"{sum(p.numel() for p in classifier.parameters()):,} weights, all with their gradient")
for place in ((0, 30), (5, 91), (31, 160)):
    before = weight[place].item()
    ends = []
    for nudge in (1e-5, -1e-5):
        with torch.no_grad():
            weight[place] = before + nudge
            ends.append(loss_now().item())
            weight[place] = before
    by_hand = (ends[0] - ends[1]) / 2e-5
    print(f"weight {place}: nudged {by_hand:+.8f}, backpropagation {weight.grad[place]:+.8f}")
    assert abs(by_hand - weight.grad[place].item()) < 1e-7

# %% [markdown] lang="en"
# ## Exercises
#
# 1. `f = (a * b + c) ** 2` with `a = 2`, `b = -3`, `c = 10`. What is the gradient of `f` with respect to
#    `a`? Try it on paper first.
# 2. A weight is `w = 4`, the loss is `(w - 1) ** 2`, the learning rate is `0.1`. What is `w` after one
#    step downhill?
# 3. Write `relu_backward(x, gradient)`: for tensors, what flows back through `relu` (which is `x` where
#    `x` is above 0, and 0 elsewhere) if `gradient` arrives from behind.

# %% [markdown] lang="pt"
# ## Exercícios
#
# 1. `f = (a * b + c) ** 2` com `a = 2`, `b = -3`, `c = 10`. Qual é o gradiente de `f` em relação a `a`?
#    Tente primeiro no papel.
# 2. Um peso é `w = 4`, a perda é `(w - 1) ** 2`, a taxa de aprendizado é `0.1`. Quanto vale `w` depois
#    de um passo ladeira abaixo?
# 3. Escreva `relu_backward(x, gradient)`: para tensores, o que volta através de `relu` (que é `x` onde
#    `x` é maior que 0, e 0 no resto) quando `gradient` chega de trás.

# %%
gradient_of_a = ...
next_w = ...
relu_backward = ...  # lambda x, gradient: ...

check("gradients.chain", gradient_of_a)
check("gradients.step", next_w)
check("gradients.relu", relu_backward)
