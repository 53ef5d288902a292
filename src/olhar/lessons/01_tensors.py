# %% [markdown] lang="en"
# # 1. Tensors
#
# A tensor is a row of numbers in memory, and a map that says how to read it: as a list, as a table,
# as a picture, as a stack of pictures. Everything in deep learning is stored in tensors: photographs,
# sentences, sounds, and what a network has learned. In this lesson you build a small tensor yourself,
# find the same thing inside PyTorch, and look at a picture as numbers.

# %% [markdown] lang="pt"
# # 1. Tensores
#
# Um tensor é uma fila de números na memória e um mapa que diz como lê-la: como lista, como tabela,
# como imagem, como pilha de imagens. Em deep learning, tudo mora em tensores: fotos, frases, sons e
# aquilo que a rede aprendeu. Nesta lição você constrói um pequeno tensor, encontra a mesma coisa
# dentro do PyTorch e olha para uma imagem como números.

# %% [markdown] lang="en"
# ## From nothing
#
# Memory has no rows and no columns. It is one long street of numbered houses. To find the element in
# row 1 and column 2 of a table, we need to know how many houses to walk for each step down, and how
# many for each step to the right. These two numbers are the *strides*. That is all a tensor is:
# numbers, a shape, and strides.

# %% [markdown] lang="pt"
# ## Do zero
#
# A memória não tem linhas nem colunas. É uma rua comprida, com casas numeradas. Para achar o elemento
# da linha 1 e coluna 2 de uma tabela, precisamos saber quantas casas andar a cada passo para baixo e
# quantas a cada passo para a direita. Esses dois números são os *strides* (passadas). Um tensor é só
# isto: números, uma forma e as passadas.

# %%
import math


class Little:
    """A tensor in twenty lines."""

    def __init__(self, numbers, shape, strides=None):
        self.numbers, self.shape = numbers, tuple(shape)
        # the last index moves by 1; each one before it jumps over all that lies inside
        self.strides = strides or tuple(math.prod(shape[i + 1 :]) for i in range(len(shape)))

    def __getitem__(self, index):
        place = sum(i * step for i, step in zip(index, self.strides, strict=True))
        return self.numbers[place]

    def transposed(self):
        """Rows become columns, and not a single number moves."""
        return Little(self.numbers, self.shape[::-1], self.strides[::-1])


table = Little(list(range(12)), (3, 4))
print("shape", table.shape, "strides", table.strides, "table[1, 2] =", table[1, 2])
print("transposed", table.transposed().shape, "strides", table.transposed().strides)

# %% [markdown] lang="en"
# ## The same with torch
#
# PyTorch is a Python library for deep learning. It was born in the research laboratory of Facebook,
# today Meta AI, and its basic building block is the tensor. Inside a `torch.Tensor` you find the same
# three things.

# %% [markdown] lang="pt"
# ## O mesmo com torch
#
# PyTorch é uma biblioteca de Python para deep learning. Nasceu no laboratório de pesquisa do Facebook,
# hoje Meta AI, e seu tijolo básico é o tensor. Dentro de um `torch.Tensor` estão as mesmas três
# coisas.

# %%
import torch

same = torch.arange(12).reshape(3, 4)
assert table.shape == tuple(same.shape)
assert table.strides == same.stride()
assert table.transposed().strides == same.T.stride()
assert all(table[r, c] == same[r, c].item() for r in range(3) for c in range(4))

# %% jupyter={"source_hidden": true}
from olhar.lessons import check, pace, predict, reveal, say, show
from olhar.lessons.drawing import blocks

show(
    blocks(("torch.arange(12)", torch.arange(12)), (".reshape(3, 4)", same), (".T", same.T)),
    en="The same twelve numbers in memory, read with three maps.",
    pt="Os mesmos doze números na memória, lidos com três mapas.",
)

# %% [markdown] lang="en"
# ## One, two, three, four dimensions
#
# In computer vision the dimensions have customary meanings:
#
# | dimensions | what they count | for example |
# |---|---|---|
# | 1-D | elements | `(12,)`: twelve measurements |
# | 2-D | rows × columns | `(3, 4)`: a table, a grey picture |
# | 3-D | channels × rows × columns | `(3, 480, 640)`: a colour picture |
# | 4-D | batch × channels × rows × columns | `(32, 3, 480, 640)`: 32 colour pictures |

# %% [markdown] lang="pt"
# ## Uma, duas, três, quatro dimensões
#
# Em visão computacional, as dimensões têm significados de costume:
#
# | dimensões | o que contam | por exemplo |
# |---|---|---|
# | 1D | elementos | `(12,)`: doze medidas |
# | 2D | linhas × colunas | `(3, 4)`: uma tabela, uma imagem em tons de cinza |
# | 3D | canais × linhas × colunas | `(3, 480, 640)`: uma imagem colorida |
# | 4D | lote × canais × linhas × colunas | `(32, 3, 480, 640)`: 32 imagens coloridas |

# %%
numbers = torch.arange(1, 25)
one, two = numbers[:6], numbers[:6].reshape(2, 3)
three, four = numbers[:12].reshape(2, 2, 3), numbers.reshape(2, 2, 2, 3)
for tensor in (one, two, three, four):
    print(f"{tensor.ndim}-D  shape {tuple(tensor.shape)}  elements {tensor.numel()}")

# %% jupyter={"source_hidden": true}
show(
    blocks(("1-D", one), ("2-D", two), ("3-D", three), ("4-D", four), arrow=False),
    en="From one to four dimensions: elements, rows and columns, channels, a batch.",
    pt="De uma a quatro dimensões: elementos, linhas e colunas, canais, um lote.",
)

# %% [markdown] lang="en"
# ## A picture is a tensor
#
# Files keep pictures as whole numbers from 0 to 255, row by row, and the three colours of a pixel
# beside each other: rows × columns × channels. Networks want the channels first, and numbers between
# 0 and 1. We take a picture that olhar draws, save it, and read it back twice: by hand and with
# `olhar.read`.

# %% [markdown] lang="pt"
# ## Uma imagem é um tensor
#
# Os arquivos guardam imagens como números inteiros de 0 a 255, linha por linha, com as três cores de
# cada pixel lado a lado: linhas × colunas × canais. As redes querem os canais na frente e números
# entre 0 e 1. Pegamos uma imagem que o olhar desenha, salvamos e lemos de volta de dois jeitos: à mão
# e com `olhar.read`.

# %%
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

import olhar
from olhar.samples import painting

with tempfile.TemporaryDirectory() as folder:
    file = Path(folder, "lilies.png")
    olhar.write(file, painting("lilies", size=256), mark=None)
    in_file = torch.from_numpy(np.array(Image.open(file)))
    picture = olhar.read(file).image

by_hand = in_file.permute(2, 0, 1).float() / 255
print("in the file", tuple(in_file.shape), in_file.dtype)
print("for a network", tuple(picture.shape), picture.dtype)
assert torch.allclose(by_hand, picture, atol=1e-6)

channels = [torch.zeros(3, 256, 256) for _ in range(3)]
for i, channel in enumerate(channels):
    channel[i] = picture[i]

# %% jupyter={"source_hidden": true}
show(
    [picture, *channels],
    en="A picture and its three channels: red, green, blue.",
    pt="Uma imagem e seus três canais: vermelho, verde, azul.",
)

# %% jupyter={"source_hidden": true}
corner = in_file[100:103, 100:104].permute(2, 0, 1)
show(
    blocks(("in_file[100:103, 100:104].permute(2, 0, 1)", corner)),
    en="Twelve of its pixels as the computer sees them: three tables of numbers.",
    pt="Doze de seus pixels como o computador os vê: três tabelas de números.",
)

# %% [markdown] lang="en"
# ## dtype: what kind of number
#
# `uint8` takes one byte and ends at 255. `float32` takes four bytes and holds fractions. The type
# matters more than it seems.

# %% [markdown] lang="pt"
# ## dtype: que tipo de número
#
# `uint8` ocupa um byte e acaba em 255. `float32` ocupa quatro bytes e guarda frações. O tipo importa
# mais do que parece.

# %% jupyter={"source_hidden": true}
predict(
    en="Two pixels of type uint8, 200 and 100. What is 200 + 100 there?",
    pt="Dois pixels do tipo uint8, 200 e 100. Quanto dá 200 + 100 ali?",
)

# %%
total = torch.tensor(200, dtype=torch.uint8) + torch.tensor(100, dtype=torch.uint8)

# %% jupyter={"source_hidden": true}
reveal(
    total.item(),
    en="after 255 it starts again at 0, and nobody warns you. Compute with floats.",
    pt="depois de 255 ele recomeça do 0, e ninguém avisa. Faça contas com floats.",
)
assert total == (200 + 100) % 256

# %% [markdown] lang="en"
# ## Views: two maps of one street
#
# `.T`, slices, `permute` and most calls of `reshape` copy nothing. They return a new map of the same
# numbers, a *view*. That is fast, and it has a consequence.

# %% [markdown] lang="pt"
# ## Views: dois mapas da mesma rua
#
# `.T`, fatias, `permute` e quase todo `reshape` não copiam nada. Devolvem um novo mapa dos mesmos
# números: uma *view*. Isso é rápido, e tem uma consequência.

# %% jupyter={"source_hidden": true}
predict(
    en="b = a.T, then b[0, 1] = 99. What is a[1, 0]?",
    pt="b = a.T, depois b[0, 1] = 99. Quanto vale a[1, 0]?",
)

# %%
a = torch.arange(6).reshape(2, 3)
b = a.T
b[0, 1] = 99

# %% jupyter={"source_hidden": true}
reveal(
    a[1, 0].item(),
    en="both names look at the same memory. Where you need your own copy, say .clone().",
    pt="os dois nomes olham para a mesma memória. Quando precisar de uma cópia, diga .clone().",
)

# %%
assert a.data_ptr() == b.data_ptr()

# A view needs a map that fits. After a transposition the numbers no longer lie in reading order:
try:
    b.view(6)
except RuntimeError as error:
    print("b.view(6):", str(error).split(";")[0][:79], "...")
print("b.reshape(6):", b.reshape(6).tolist(), "- a copy, where a view cannot be")
assert b.reshape(6).data_ptr() != b.data_ptr()

# %% [markdown] lang="en"
# ## Why it is fast
#
# A loop in Python looks at one number at a time, and asks each time what it is. One operation on a
# whole tensor asks once, and then runs over the memory in compiled code, several numbers per step, on
# all cores. Here is the average brightness of a picture, both ways. A graphics card (GPU) goes further:
# thousands of small cores work at the same time. Its tensors live in its own memory; `.to("cuda")`
# moves one there, and `tensor.device` says where it is.

# %% [markdown] lang="pt"
# ## Por que é rápido
#
# Um laço em Python olha um número por vez e, a cada vez, pergunta o que ele é. Uma operação sobre o
# tensor inteiro pergunta uma vez só; depois percorre a memória em código compilado, vários números por
# passo, em todos os núcleos. Aqui está o brilho médio de uma imagem, dos dois jeitos. Uma placa de
# vídeo (GPU) vai além: milhares de pequenos núcleos trabalham ao mesmo tempo. Os tensores dela moram na
# memória dela; `.to("cuda")` leva um tensor para lá, e `tensor.device` diz onde ele está.

# %%
import time

side = pace(256, fast=96)
small = picture[:, :side, :side].contiguous()


def looped(image):
    total = 0.0
    for channel in image.tolist():
        for row in channel:
            for value in row:
                total += value
    return total / image.numel()


def seconds(function, times):
    function()  # the first call warms up
    started = time.perf_counter()
    for _ in range(times):
        function()
    return (time.perf_counter() - started) / times


slow = seconds(lambda: looped(small), 3)
quick = seconds(small.mean, 100)
assert math.isclose(looped(small), small.mean().item(), rel_tol=1e-4)

# %% jupyter={"source_hidden": true}
say(
    f"{small.numel():,} numbers: loop {slow * 1e3:.2f} ms, tensor {quick * 1e3:.3f} ms, "
    f"{slow / quick:.0f} times faster",
    f"{small.numel():,} números: laço {slow * 1e3:.2f} ms, tensor {quick * 1e3:.3f} ms, "
    f"{slow / quick:.0f} vezes mais rápido",
)

# %%
if torch.cuda.is_available():
    n = pace(4096, fast=1024)
    here = torch.rand(n, n)
    there = here.to("cuda")

    def on_the_card():
        product = there @ there
        torch.cuda.synchronize()  # the card works on its own; wait for it
        return product

    ratio = seconds(lambda: here @ here, 2) / seconds(on_the_card, 10)
    say(
        f"a product of two {n} x {n} matrices on {there.device}: {ratio:.0f} times as fast as here",
        f"um produto de duas matrizes {n} x {n} em {there.device}: {ratio:.0f} vezes mais rápido",
    )
else:
    say("no GPU here: everything runs on the CPU", "sem GPU aqui: tudo roda na CPU")

# %% [markdown] lang="en"
# ## Exercises
#
# Replace each `...` and run the cell. `check` tells you whether it is right.
#
# 1. How many bytes does a batch of 32 colour pictures of 224 × 224 pixels take as `float32`?
# 2. A tensor of shape `(3, 10, 20)` lies in reading order. How many houses from the start of the
#    street is the element `[2, 5, 7]`?
# 3. Write `brightness(batch)`: for a batch `(N, 3, H, W)` the mean of each picture, as a tensor `(N,)`,
#    without a loop.

# %% [markdown] lang="pt"
# ## Exercícios
#
# Troque cada `...` e rode a célula. `check` diz se está certo.
#
# 1. Quantos bytes ocupa um lote de 32 imagens coloridas de 224 × 224 pixels em `float32`?
# 2. Um tensor de forma `(3, 10, 20)` está em ordem de leitura. A quantas casas do começo da rua fica o
#    elemento `[2, 5, 7]`?
# 3. Escreva `brightness(batch)`: de um lote `(N, 3, H, W)`, a média de cada imagem, como tensor `(N,)`,
#    sem laço.

# %%
size_in_bytes = ...
houses = ...
brightness = ...  # lambda batch: ...

check("tensors.bytes", size_in_bytes)
check("tensors.houses", houses)
check("tensors.brightness", brightness)
