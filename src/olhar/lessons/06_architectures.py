# %% [markdown] lang="en"
# # 6. Fully connected, convolutional, recurrent
#
# A network is made of units in layers; the architecture says which unit hears which. In a **fully
# connected** layer everyone hears everyone. In a **convolutional** one each unit looks at a small part of
# the picture, and all share the same weights. A **recurrent** one reads step by step and takes a memory
# along. You compute each of them by hand, count what they cost for the same picture, and look inside.

# %% [markdown] lang="pt"
# # 6. Totalmente conectada, convolucional, recorrente
#
# Uma rede é feita de unidades em camadas; a arquitetura diz quem escuta quem. Em uma camada **totalmente
# conectada**, todos escutam todos. Em uma **convolucional**, cada unidade olha uma pequena parte da imagem,
# e todas dividem os mesmos pesos. Uma **recorrente** lê passo a passo e leva uma memória consigo. Você
# calcula cada uma à mão, conta o que elas custam para a mesma imagem e olha por dentro.

# %% [markdown] lang="en"
# ## What they cost
#
# A colour picture of 64 × 64 pixels is 12,288 numbers. A fully connected layer has one weight for each
# pair of number and unit.

# %% [markdown] lang="pt"
# ## Quanto custam
#
# Uma imagem colorida de 64 × 64 pixels são 12.288 números. Uma camada totalmente conectada tem um peso para
# cada par de número e unidade.

# %% jupyter={"source_hidden": true}
from olhar.lessons import check, pace, predict, reveal, say, show

predict(
    en="100 units, fully connected to that picture: how many parameters?",
    pt="100 unidades, totalmente conectadas a essa imagem: quantos parâmetros?",
)

# %%
import torch
import torch.nn.functional as F
from torch import nn


def count(layer):
    return sum(p.numel() for p in layer.parameters())


dense = nn.Linear(3 * 64 * 64, 100)
convolution = nn.Conv2d(3, 100, kernel_size=3)
assert count(dense) == 3 * 64 * 64 * 100 + 100
assert count(convolution) == 3 * 3 * 3 * 100 + 100

# %% jupyter={"source_hidden": true}
reveal(
    f"{count(dense):,}",
    en=f"a convolution of 100 channels has {count(convolution):,}: it looks at 3 × 3 pixels at a time.",
    pt=f"uma convolução de 100 canais tem {count(convolution):,}: ela olha 3 × 3 pixels por vez.",
)

# %% [markdown] lang="en"
# And the work? It is counted in *multiply-adds*. A convolution of 16 channels that keeps the size makes
# 16 × 64 × 64 numbers. Let us count what a fully connected layer would need to make as many.

# %% [markdown] lang="pt"
# E o trabalho? Ele se conta em *multiplicações com soma*. Uma convolução de 16 canais que mantém o tamanho
# faz 16 × 64 × 64 números. Contemos o que uma camada totalmente conectada precisaria para fazer outros tantos.

# %%
made = 16 * 64 * 64
work = {"fully connected": 3 * 64 * 64 * made, "convolution": 3 * 3 * 3 * made}
for name, needed in work.items():
    print(f"{name:<16} {needed:>12,} multiply-adds")
print(f"{work['fully connected'] // work['convolution']} times as many")

# %% [markdown] lang="en"
# That is why a picture is seldom given to a dense layer as it is. Now whole networks of olhar, each with
# sizes that are usual for it. A dense network escapes the cost by having few units, and keeps nearly all its
# weights in its first layer. The convolutional one has few weights there, and uses each at every place.

# %% [markdown] lang="pt"
# Por isso raramente se entrega uma imagem crua a uma camada densa. Agora redes inteiras do olhar, cada uma
# com tamanhos usuais para ela. A rede densa foge do custo tendo poucas unidades, e guarda quase todos os pesos
# na primeira camada. A convolucional tem poucos pesos ali, e usa cada um em todos os lugares.

# %%
from olhar.classify.network import Predictor
from olhar.training.summary import summarize

CHOICES = {"mlp": (512,), "cnn": (16, 32, 64), "lstm": (128,)}
one = torch.rand(1, 3, 64, 64)
print("network    parameters    multiply-adds")
for name, widths in CHOICES.items():
    network = Predictor(name, task="class", outputs=10, size=(64, 64), widths=widths).eval()
    summary = summarize(network, lambda network=network: network(one))
    print(f"{name:<8} {summary.parameters:>12,} {summary.multiply_adds:>16,}")

# %% [markdown] lang="en"
# ## Convolution by hand
#
# Lay a small table of weights, the *kernel*, on a corner of the picture. Multiply place by place, add
# everything up: one number. Move one pixel on, and so forth. (Mathematicians would turn the kernel over
# first; deep learning does not, and keeps the name.)

# %% [markdown] lang="pt"
# ## Convolução à mão
#
# Ponha uma pequena tabela de pesos, o *kernel*, sobre um canto da imagem. Multiplique lugar por lugar, some
# tudo: um número. Ande um pixel, e assim por diante. (Os matemáticos virariam o kernel antes; em deep
# learning não se vira, e o nome ficou.)


# %%
def convolve(image, kernel, stride=1):
    """(C, H, W) and (C, K, K) -> (H', W'), as it is defined."""
    h, w = image.shape[1:]
    k = kernel.shape[-1]
    rows, columns = (h - k) // stride + 1, (w - k) // stride + 1
    result = torch.zeros(rows, columns)
    for r in range(rows):
        for s in range(columns):
            top, left = r * stride, s * stride
            result[r, s] = (image[:, top : top + k, left : left + k] * kernel).sum()
    return result


from olhar.samples import painting

picture = painting("glass", size=128)
small = F.avg_pool2d(picture, 2)  # (3, 64, 64)
across = torch.tensor([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]]).expand(3, 3, 3) / 8
for stride in (1, 2):
    by_hand = convolve(small, across, stride)
    by_torch = F.conv2d(small[None], across[None], stride=stride)[0, 0]
    assert by_hand.shape == by_torch.shape
    assert torch.allclose(by_hand, by_torch, atol=1e-5)
print(
    "64 pixels, kernel 3:", tuple(convolve(small, across).shape), "stride 2:", tuple(by_hand.shape)
)

# %% jupyter={"source_hidden": true}
from olhar.lessons.drawing import blocks, heat, sheet

KERNELS = {"across": across, "down": across.mT, "blur": torch.full((3, 3, 3), 1 / 27)}
maps = [F.conv2d(picture[None], kernel[None])[0, 0] for kernel in KERNELS.values()]
tiny = torch.tensor([[0.0, 0, 1, 1], [0, 0, 1, 1], [0, 0, 1, 1], [0, 0, 1, 1]])
edge = F.conv2d(tiny[None, None], across[None, :1] * 8)[0, 0]
show(
    blocks((("picture"), tiny), ("kernel", across[0] * 8), ("map", edge)),
    en="An edge in a tiny picture, the kernel that looks for edges, and what it finds.",
    pt="Uma borda em uma imagem minúscula, o kernel que procura bordas e o que ele acha.",
)
show(
    [picture, heat(maps[0]), heat(maps[1]), maps[2]],
    en="A picture and three kernels: changes from left to right, from top to bottom, and a blur.",
    pt="Uma imagem e três kernels: mudanças da esquerda para a direita, de cima para baixo, e um desfoque.",
)

# %% [markdown] lang="en"
# The same weights everywhere: so if the picture moves, the map moves with it. Nothing has to be learned
# anew for another corner.

# %% [markdown] lang="pt"
# Os mesmos pesos em todo lugar: se a imagem se move, o mapa se move com ela. Nada precisa ser aprendido de
# novo para outro canto.

# %%
moved = torch.roll(small, shifts=5, dims=2)
assert torch.allclose(convolve(moved, across)[:, 5:], convolve(small, across)[:, :-5], atol=1e-6)

# %% [markdown] lang="en"
# ## Pooling by hand
#
# Of every 2 × 2 pixels keep the largest. The map is half as wide and half as high, and remembers *that*
# something was there, less exactly *where*. A CNN alternates: convolution, pooling, convolution, pooling;
# in the end dense layers decide.

# %% [markdown] lang="pt"
# ## Pooling à mão
#
# De cada 2 × 2 pixels fica o maior. O mapa fica com metade da largura e da altura, e lembra *que* algo
# estava ali, com menos exatidão *onde*. Uma CNN alterna: convolução, pooling, convolução, pooling; no fim,
# camadas densas decidem.


# %%
def pool(values, side=2):
    rows, columns = (n // side for n in values.shape)
    return torch.tensor(
        [
            [
                values[r * side : (r + 1) * side, c * side : (c + 1) * side].max()
                for c in range(columns)
            ]
            for r in range(rows)
        ]
    )


values = convolve(small, across)
assert torch.equal(pool(values), F.max_pool2d(values[None], 2)[0])

# %% jupyter={"source_hidden": true}
four = torch.tensor([[1.0, 3, 0, 0], [2, 9, 0, 1], [5, 0, 4, 4], [0, 0, 4, 7]])
show(
    blocks(("map", four), ("max_pool2d(map, 2)", pool(four))),
    en="Pooling keeps the largest of each 2 × 2.",
    pt="Pooling guarda o maior de cada 2 × 2.",
)

# %% [markdown] lang="en"
# ## The same with olhar: three networks, one task
#
# We train the three on the same digits, at 16 × 16 pixels, for the same number of epochs. Then we look at
# what they have learned, and at what they cost.

# %% [markdown] lang="pt"
# ## O mesmo com olhar: três redes, uma tarefa
#
# Treinamos as três com os mesmos dígitos, em 16 × 16 pixels, pelo mesmo número de épocas. Depois vemos o
# que aprenderam e quanto custam.

# %%
import tempfile
from pathlib import Path

import olhar
from olhar.lessons.digits import datasets, pictures, split
from olhar.training.events import Started, Stopped

networks = {}
SETTINGS = {
    "mlp": {"widths": (128,)},
    "cnn": {"widths": (12, 24), "depth": 1},
    "lstm": {"widths": (64,)},
}
with tempfile.TemporaryDirectory() as home:
    for name, settings in SETTINGS.items():
        recipe = olhar.Classifier(
            data=Path("digits"),
            architecture=name,
            epochs=pace(8, fast=1),
            augment=olhar.Augment(),
            **settings,
        )
        for event in olhar.fit(recipe, Path(home, name), device="cpu", data=datasets(size=16)):
            if isinstance(event, Started):
                parameters = event.summary.parameters
            if isinstance(event, Stopped):
                accuracy = event.metrics["test"]["accuracy"]
        networks[name] = olhar.load(Path(home, name))
        print(f"{name:<5} {parameters:>8,} parameters, accuracy on unknown hands {accuracy:.1%}")

# %% [markdown] lang="en"
# The convolutional one reads best, with about as many weights as the dense one. And how robust are they if
# the digit sits one pixel further to the right? The dense network has learned
# *places*. The convolutional one has learned *shapes*, more or less.

# %% [markdown] lang="pt"
# A convolucional lê melhor, com quase o mesmo número de pesos que a densa. E como elas se saem se o dígito
# fica um pixel mais à direita? A rede densa aprendeu *lugares*. A convolucional aprendeu *formas*, mais ou
# menos.

# %%
image, target = split()["test"]
shifted = F.pad(image, (1, 0))[..., :8]  # of the 8 pixels that were drawn
for name, network in networks.items():
    with torch.no_grad():
        rights = [
            (network(pictures(each, 16)).argmax(1) == target).float().mean().item()
            for each in (image, shifted)
        ]
    print(f"{name:<5} in place {rights[0]:.1%}, one pixel to the right {rights[1]:.1%}")

# %% [markdown] lang="en"
# ## Feature maps: look inside
#
# Each channel of a convolutional layer answers one question at every place: is my pattern here? The
# answers form a picture, a *feature map*. In the first block they look like the digit seen through
# filters; in the second they are coarse and hard to name. From such maps the dense layers at the end read
# the digit.

# %% [markdown] lang="pt"
# ## Mapas de atributos: olhe por dentro
#
# Cada canal de uma camada convolucional responde a uma pergunta em cada lugar: o meu padrão está aqui? As
# respostas formam uma imagem, um *mapa de atributos* (feature map). No primeiro bloco eles parecem o dígito
# visto através de filtros; no segundo são grosseiros e difíceis de nomear. É desses mapas que as camadas
# densas do fim leem o dígito.

# %%
cnn = networks["cnn"]
seen = {}


def keep(number):
    def hook(_module, _inputs, output):
        seen[number] = output.detach()

    return hook


for number, block in enumerate(cnn.body.blocks):
    block[-2].register_forward_hook(keep(number))  # before the pooling
chosen = [(target == digit).nonzero()[0].item() for digit in (0, 3, 7)]
with torch.no_grad():
    said = cnn.predict(pictures(image[chosen], 16))
for number, maps in seen.items():
    print(f"block {number + 1}: maps {tuple(maps.shape)}")
print("said:", said.argmax(1).tolist())


# %% jupyter={"source_hidden": true}
def larger(picture, times):
    return picture.repeat_interleave(times, 0).repeat_interleave(times, 1)


def laid_out(maps, columns):
    """(C, h, w) as one picture, each map as bright as its largest value allows."""
    most = maps.amax((1, 2), keepdim=True).clamp(min=1e-6)
    return sheet((1 - maps / most)[:, None], columns)[0]


for i, (english, portuguese) in enumerate((("zero", "zero"), ("three", "três"), ("seven", "sete"))):
    digit = pictures(image[chosen[i : i + 1]], 16)[0, 0]
    first, second = laid_out(seen[0][i], 6), laid_out(seen[1][i], 8)
    show(
        [larger(digit, 8), larger(first, 4), larger(second, 5)],
        en=f"A {english}, its 12 feature maps in the first block, its 24 in the second. Dark: found it.",
        pt=f"Um {portuguese}, seus 12 mapas no primeiro bloco, seus 24 no segundo. Escuro: achou.",
    )

# %% [markdown] lang="en"
# ## Recurrent, by hand
#
# A recurrent network is a loop. At each step it takes the next piece of the sequence and what it remembers,
# and makes a new memory. The LSTM (Hochreiter and Schmidhuber, 1997) guards its memory `c` with three
# gates, each between 0 and 1: how much to forget, how much of the new to let in, how much to show. Here is
# all of it.

# %% [markdown] lang="pt"
# ## Recorrente, à mão
#
# Uma rede recorrente é um laço. A cada passo ela pega o próximo pedaço da sequência e o que lembra, e faz
# uma nova memória. A LSTM (Hochreiter e Schmidhuber, 1997) protege a memória `c` com três portas, cada uma
# entre 0 e 1: quanto esquecer, quanto do novo deixar entrar, quanto mostrar. Aqui está ela inteira.


# %%
def lstm(sequence, w_input, w_memory, bias):
    """(T, I) -> (T, H), one step after the other."""
    hidden = w_memory.shape[1]
    h, c = torch.zeros(hidden), torch.zeros(hidden)
    shown = []
    for x in sequence:
        admit, forget, new, reveal_ = (w_input @ x + w_memory @ h + bias).chunk(4)
        c = forget.sigmoid() * c + admit.sigmoid() * new.tanh()
        h = reveal_.sigmoid() * c.tanh()
        shown.append(h)
    return torch.stack(shown)


torch.manual_seed(0)
layer = nn.LSTM(input_size=8, hidden_size=16)
rows = image[0, 0]  # (8, 8): the rows of a digit, from top to bottom
with torch.no_grad():
    ours = lstm(rows, layer.weight_ih_l0, layer.weight_hh_l0, layer.bias_ih_l0 + layer.bias_hh_l0)
    theirs, _ = layer(rows[:, None])  # torch wants (T, N, I)
assert torch.allclose(ours, theirs[:, 0], atol=1e-6)

# %% jupyter={"source_hidden": true}
show(
    [1 - rows, heat(ours)],
    en="A digit read row by row, and the sixteen numbers that the LSTM (untrained) shows after each row.",
    pt="Um dígito lido linha por linha, e os dezesseis números que a LSTM (sem treino) mostra a cada linha.",
    enlarge=16,
)

# %% [markdown] lang="en"
# The `lstm` of olhar that we trained above does just that: it reads the rows of the picture. It works, but
# a picture has no natural beginning. Recurrent networks are at home where there is one: in text, in
# speech, in music.
#
# ## An LSTM that reads text
#
# Real text is at hand: this course is written in two languages. We take its sentences, without accents (or
# it would be too easy), cut them into pieces of 24 letters, and let an LSTM read them letter by letter:
# English or Portuguese? The pieces that measure it are from lessons that it has not read.

# %% [markdown] lang="pt"
# A `lstm` do olhar que treinamos acima faz exatamente isso: lê as linhas da imagem. Funciona, mas uma imagem
# não tem começo natural. Redes recorrentes estão em casa onde há um começo: no texto, na fala, na música.
#
# ## Uma LSTM que lê texto
#
# Texto de verdade está à mão: este curso é escrito em duas línguas. Pegamos suas frases, sem acentos (ou
# seria fácil demais), cortamos em pedaços de 24 letras e deixamos uma LSTM ler letra por letra: inglês ou
# português? Os pedaços que a medem são de lições que ela não leu.

# %%
import re
import unicodedata

from olhar.lessons import lessons

LETTERS = " abcdefghijklmnopqrstuvwxyz"
LENGTH = 24


def plain(prose):
    """Lower-case letters and spaces, without code, tables and accents."""
    lines = [line for line in prose.splitlines() if not line.startswith(("#", "|"))]
    text = re.sub(r"`.*?`|\[.*?\]", " ", " ".join(lines)).lower()
    text = unicodedata.normalize("NFD", text)
    text = "".join(c for c in text if not unicodedata.combining(c))
    return " ".join(re.sub(r"[^a-z]", " ", text).split())


def numbers(text):
    return torch.tensor([LETTERS.index(c) for c in text])


def pieces(some):
    """All pieces of these lessons, and whether they are Portuguese."""
    found, which = [], []
    for lesson in some:
        for portuguese in (0, 1):
            text = plain(" ".join(c.text[portuguese] for c in lesson.cells if c.kind == "prose"))
            for start in range(0, len(text) - LENGTH, LENGTH // 2):
                found.append(numbers(text[start : start + LENGTH]))
                which.append(portuguese)
    return torch.stack(found), torch.tensor(which)


course = lessons()
learn, known = pieces(course[:-2])
measure, truth = pieces(course[-2:])
print(f"{len(learn):,} pieces to learn from, {len(measure):,} to measure; the first:")
print(repr("".join(LETTERS[i] for i in learn[0])))


# %%
class Reader(nn.Module):
    """Letters to the odds that it is Portuguese, after each letter."""

    def __init__(self):
        super().__init__()
        self.letters = nn.Embedding(len(LETTERS), 16)
        self.lstm = nn.LSTM(16, 48, batch_first=True)
        self.odds = nn.Linear(48, 1)

    def forward(self, text):  # (N, T)
        states, _ = self.lstm(self.letters(text))  # (N, T, 48)
        return self.odds(states)[..., 0]  # (N, T)


torch.manual_seed(0)
reader = Reader()
optimizer = torch.optim.AdamW(reader.parameters(), lr=5e-3)
for _ in range(pace(300, fast=30)):
    some = torch.randint(len(learn), (64,))
    said = reader(learn[some])[:, -1]  # after the last letter
    loss = F.binary_cross_entropy_with_logits(said, known[some].float())
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
with torch.no_grad():
    right = ((reader(measure)[:, -1] > 0) == (truth == 1)).float().mean().item()
say(
    f"right on {right:.1%} of the pieces from lessons it has not read",
    f"acerta {right:.1%} dos pedaços de lições que não leu",
)

# %% jupyter={"source_hidden": true}
from olhar.look.chart import Line, chart
from olhar.look.phrase import Phrase

texts = ("the picture is in the window", "a imagem fica na janela azul")
with torch.no_grad():
    odds = [reader(numbers(text)[None]).sigmoid()[0].tolist() for text in texts]
show(
    chart(
        [
            Line(text, range(1, len(text) + 1), p, style="both")
            for text, p in zip(texts, odds, strict=True)
        ],
        x=Phrase("letters read", "letras lidas"),
        y=Phrase("probability that it is Portuguese", "probabilidade de ser português"),
    ),
    en="How it makes up its mind while it reads.",
    pt="Como ela vai se decidindo enquanto lê.",
)

# %% [markdown] lang="en"
# ## Exercises
#
# 1. A picture of 32 × 32, a kernel of 5, stride 2, and 2 pixels of padding on every side. How wide is the
#    map?
# 2. How many parameters has `nn.Conv2d(3, 16, kernel_size=3)`, with its bias?
# 3. Write `pool2(x)`: max-pooling of 2 × 2 on a tensor `(H, W)` with even sides, without `F` and without
#    a loop.
# 4. Give a `kernel` of shape `(3, 3)` with which a convolution moves the picture one pixel to the *left*:
#    each pixel becomes its right neighbour.

# %% [markdown] lang="pt"
# ## Exercícios
#
# 1. Uma imagem de 32 × 32, um kernel de 5, stride 2 e 2 pixels de padding em cada lado. Qual é a largura do
#    mapa?
# 2. Quantos parâmetros tem `nn.Conv2d(3, 16, kernel_size=3)`, com o bias?
# 3. Escreva `pool2(x)`: max-pooling de 2 × 2 em um tensor `(H, W)` de lados pares, sem `F` e sem laço.
# 4. Dê um `kernel` de forma `(3, 3)` com o qual uma convolução move a imagem um pixel para a *esquerda*:
#    cada pixel vira o seu vizinho da direita.

# %%
width = ...
parameters_of_conv = ...
pool2 = ...  # lambda x: ...
kernel = ...

check("architectures.width", width)
check("architectures.parameters", parameters_of_conv)
check("architectures.pool", pool2)
check("architectures.kernel", kernel)
