# %% [markdown] lang="en"
# # 2. Operations
#
# Eight operations do most of the work in deep learning. Two compute: `matmul` and `sum`. The others
# only rearrange: `reshape`, `squeeze`, `unsqueeze`, `cat`, `permute`, and an index with `None`. Each of
# them is drawn here, before and after, together with the mistake that people make with it and the
# error that they then see. Nearly every bug of a beginner is a shape; after this lesson you read
# shapes.

# %% [markdown] lang="pt"
# # 2. Operações
#
# Oito operações fazem quase todo o trabalho em deep learning. Duas calculam: `matmul` e `sum`. As
# outras só rearrumam: `reshape`, `squeeze`, `unsqueeze`, `cat`, `permute` e um índice com `None`. Cada
# uma aparece aqui desenhada, antes e depois, junto com o erro que as pessoas cometem com ela e a
# mensagem que então aparece. Quase todo bug de iniciante é uma forma; depois desta lição, você lê
# formas.

# %%
import torch

from olhar.lessons import check, predict, reveal, show
from olhar.lessons.drawing import blocks


def mistake(function):
    """Try what goes wrong, and print what PyTorch says."""
    try:
        function()
    except (RuntimeError, TypeError, IndexError) as error:
        print(f"{type(error).__name__}: {str(error).splitlines()[0]}")
    else:
        print("no error")


# %% [markdown] lang="en"
# ## matmul: rows meet columns
#
# Each number of the result is a row of the first matrix times a column of the second, term by term,
# and then added up. From nothing that is three loops. A layer of a network is one `matmul`: each unit
# weighs all inputs.

# %% [markdown] lang="pt"
# ## matmul: linhas encontram colunas
#
# Cada número do resultado é uma linha da primeira matriz vezes uma coluna da segunda, termo a termo, e
# depois tudo somado. Do zero, são três laços. Uma camada de rede é um `matmul`: cada unidade pesa todas
# as entradas.


# %%
def product(a, b):
    rows, inner, columns = len(a), len(b), len(b[0])
    result = [[0.0] * columns for _ in range(rows)]
    for r in range(rows):
        for c in range(columns):
            for i in range(inner):
                result[r][c] += a[r][i] * b[i][c]
    return result


a = torch.arange(6.0).reshape(2, 3)
b = torch.arange(6.0).reshape(3, 2) - 2
assert torch.allclose(torch.tensor(product(a.tolist(), b.tolist())), torch.matmul(a, b), atol=1e-5)

# dimensions in front of the last two are a stack: five products at once
stack = torch.rand(5, 2, 3)
assert torch.matmul(stack, b).shape == (5, 2, 2)
assert torch.allclose(torch.matmul(stack, b)[4], stack[4] @ b)

# %% jupyter={"source_hidden": true}
show(
    blocks(("a", a), ("b", b), ("a @ b", a @ b)),
    en="(2, 3) @ (3, 2) is (2, 2): the inner numbers must agree, and disappear.",
    pt="(2, 3) @ (3, 2) dá (2, 2): os números de dentro têm de coincidir, e somem.",
)

# %% [markdown] lang="en"
# If the inner numbers differ, PyTorch says so. The treacherous mistake is the quiet one: `*` is not
# `@`. It multiplies place by place.

# %% [markdown] lang="pt"
# Se os números de dentro diferem, o PyTorch avisa. O erro traiçoeiro é o silencioso: `*` não é `@`.
# Ele multiplica lugar por lugar.

# %%
mistake(lambda: a @ a)
square = torch.tensor([[1.0, 2], [3, 4]])
print("square @ square", (square @ square).tolist())
print("square * square", (square * square).tolist(), "- no error, another number")

# %% [markdown] lang="en"
# ## sum: a dimension disappears
#
# `sum()` adds everything up. `sum(dim=0)` walks down the rows, so the rows disappear; `sum(dim=1)`
# walks to the right, so the columns disappear. The rule to remember: the dimension you name is the one
# that goes away. `keepdim=True` leaves it there with size 1.

# %% [markdown] lang="pt"
# ## sum: uma dimensão some
#
# `sum()` soma tudo. `sum(dim=0)` desce pelas linhas, então as linhas somem; `sum(dim=1)` anda para a
# direita, então as colunas somem. A regra para guardar: a dimensão que você nomeia é a que vai embora.
# `keepdim=True` a deixa lá, com tamanho 1.

# %%
table = torch.tensor([[1.0, 2, 3], [4, 5, 6]])
down = [sum(row[c] for row in table.tolist()) for c in range(3)]
right = [sum(row) for row in table.tolist()]
assert down == table.sum(dim=0).tolist()
assert right == table.sum(dim=1).tolist()
assert sum(right) == torch.sum(table).item()

# %% jupyter={"source_hidden": true}
show(
    blocks(
        ("table", table),
        ("sum()", table.sum()),
        ("sum(dim=0)", table.sum(0)),
        ("sum(dim=1)", table.sum(1)),
        ("sum(dim=1, keepdim=True)", table.sum(1, keepdim=True)),
        arrow=False,
    ),
    en="Four sums of the same table.",
    pt="Quatro somas da mesma tabela.",
)

# %% [markdown] lang="en"
# The mistake hides in what comes next. We want each *row* to sum to 1, and divide by `sum(dim=1)`. With
# a table of 2 × 3, PyTorch complains. With a square table it does not.

# %% [markdown] lang="pt"
# O erro se esconde no passo seguinte. Queremos que cada *linha* some 1 e dividimos por `sum(dim=1)`.
# Com uma tabela de 2 × 3, o PyTorch reclama. Com uma tabela quadrada, não.

# %% jupyter={"source_hidden": true}
predict(
    en="square is [[1, 2], [3, 4]]. After square / square.sum(dim=1), what does row 0 sum to?",
    pt="square é [[1, 2], [3, 4]]. Depois de square / square.sum(dim=1), quanto soma a linha 0?",
)

# %%
mistake(lambda: table / table.sum(dim=1))
wrong = square / square.sum(dim=1)
right = square / square.sum(dim=1, keepdim=True)
print("without keepdim", wrong.sum(dim=1).tolist())
print("with keepdim", right.sum(dim=1).tolist())

# %% jupyter={"source_hidden": true}
reveal(
    round(wrong.sum(1)[0].item(), 3),
    en="a shape (2,) is laid along the columns, so each column was divided by the sum of a row.",
    pt="uma forma (2,) se alinha com as colunas; cada coluna foi dividida pela soma de uma linha.",
)
assert torch.allclose(right.sum(1), torch.ones(2))

# %% [markdown] lang="en"
# ## reshape: the same numbers, another map
#
# `reshape` keeps the numbers in their order and changes where the lines break. One size may be left
# open by writing **-1**: PyTorch infers it, since the number of elements stays the same.
#
# You may have read that `None` infers a dimension. That is a mix-up which happens easily: the keyword
# is `-1`. `None` does something else, also useful: written in an *index*, it inserts a new dimension of
# size 1, exactly as `unsqueeze` does.

# %% [markdown] lang="pt"
# ## reshape: os mesmos números, outro mapa
#
# `reshape` mantém os números em ordem e muda onde as linhas quebram. Um tamanho pode ficar em aberto,
# escrevendo **-1**: o PyTorch o deduz, pois o número de elementos não muda.
#
# Talvez você tenha lido que `None` deduz uma dimensão. É uma confusão fácil de acontecer: quem deduz é
# o `-1`. O `None` faz outra coisa, também útil: escrito em um *índice*, insere uma nova dimensão de
# tamanho 1, exatamente como `unsqueeze`.

# %%
x = torch.arange(12)
assert x.reshape(3, -1).shape == (3, 4)  # 12 / 3: PyTorch does the division
mistake(lambda: x.reshape(3, None))
mistake(lambda: x.reshape(5, -1))
mistake(lambda: x.reshape(-1, -1))
assert x[None].shape == x.unsqueeze(0).shape == (1, 12)
assert x[:, None].shape == x.unsqueeze(1).shape == (12, 1)

# %% jupyter={"source_hidden": true}
row = torch.arange(6)
show(
    blocks(
        ("x", row),
        ("x.reshape(2, -1)", row.reshape(2, -1)),
        ("x[None]", row[None]),
        ("x[:, None]", row[:, None]),
        arrow=False,
    ),
    en="-1 lets PyTorch compute a size; None adds a dimension of size 1.",
    pt="-1 deixa o PyTorch calcular um tamanho; None acrescenta uma dimensão de tamanho 1.",
)

# %% [markdown] lang="en"
# ## permute: the dimensions change places
#
# `permute(2, 0, 1)` says, for each new dimension, which old one it is. Files have rows × columns ×
# channels; networks want channels × rows × columns. A `reshape` to the same shape gives no error and a
# ruined picture, for it keeps the order of the numbers. Look at it once and you will not forget it.

# %% [markdown] lang="pt"
# ## permute: as dimensões trocam de lugar
#
# `permute(2, 0, 1)` diz, para cada nova dimensão, qual era a antiga. Os arquivos têm linhas × colunas ×
# canais; as redes querem canais × linhas × colunas. Um `reshape` para a mesma forma não dá erro e
# estraga a imagem, porque mantém a ordem dos números. Veja uma vez e você não esquece.

# %%
from olhar.samples import painting

picture = painting("wave", size=160)  # (3, 160, 160)
as_in_a_file = picture.permute(1, 2, 0)  # (160, 160, 3)
permuted = as_in_a_file.permute(2, 0, 1)
reshaped = as_in_a_file.reshape(3, 160, 160)
assert permuted.shape == reshaped.shape
assert torch.equal(permuted, picture)
assert not torch.equal(reshaped, picture)

# by hand: each number says where it comes from
by_hand = torch.tensor(
    [[[as_in_a_file[r, c, k].item() for c in range(4)] for r in range(4)] for k in range(3)]
)
assert torch.equal(by_hand, permuted[:, :4, :4])

# %% jupyter={"source_hidden": true}
show(
    [permuted, reshaped],
    en="The same numbers and the same shape: permute on the left, reshape on the right.",
    pt="Os mesmos números e a mesma forma: permute à esquerda, reshape à direita.",
)
small = torch.arange(6).reshape(2, 3)
show(
    blocks(
        ("x", small),
        ("x.permute(1, 0)", small.permute(1, 0)),
        ("x.reshape(3, 2)", small.reshape(3, 2)),
        arrow=False,
    ),
    en="permute turns the table over; reshape only breaks the lines elsewhere.",
    pt="permute vira a tabela; reshape só quebra as linhas em outro lugar.",
)

# %% [markdown] lang="en"
# ## squeeze and unsqueeze: dimensions of size 1
#
# A network takes batches. A single picture becomes a batch of one by `unsqueeze(0)`, and comes out of
# it by `squeeze(0)`. Always name the dimension: `squeeze()` without one removes *every* dimension of
# size 1. All is well until the last batch of the day holds a single picture.

# %% [markdown] lang="pt"
# ## squeeze e unsqueeze: dimensões de tamanho 1
#
# Uma rede recebe lotes. Uma só imagem vira um lote de uma com `unsqueeze(0)`, e sai dele com
# `squeeze(0)`. Sempre diga qual dimensão: `squeeze()` sem argumento remove *todas* as de tamanho 1.
# Tudo vai bem até que o último lote do dia tenha uma única imagem.

# %%
batch = picture.unsqueeze(0)
print("unsqueeze(0)", tuple(picture.shape), "->", tuple(batch.shape))
print("squeeze(0)", tuple(batch.shape), "->", tuple(batch.squeeze(0).shape))
for pictures in (8, 1):
    scores = torch.zeros(pictures, 1)  # one score per picture
    print(f"{pictures} pictures: squeeze() gives {tuple(scores.squeeze().shape)},"
          f" squeeze(1) gives {tuple(scores.squeeze(1).shape)}")  # fmt: skip

# %% jupyter={"source_hidden": true}
three = torch.arange(1, 4)
show(
    blocks(
        ("x", three),
        ("x.unsqueeze(0)", three.unsqueeze(0)),
        ("x.unsqueeze(1)", three.unsqueeze(1)),
        ("x.unsqueeze(1).squeeze(1)", three.unsqueeze(1).squeeze(1)),
        arrow=False,
    ),
    en="unsqueeze says where the new dimension goes, and squeeze takes it away again.",
    pt="unsqueeze diz onde entra a nova dimensão, e squeeze a tira de novo.",
)

# %% [markdown] lang="en"
# ## cat: side by side
#
# `cat` joins tensors along a dimension that they *have*; all other sizes must agree. `stack` joins them
# along a *new* one. Pictures that you read one at a time become a batch by `stack`.

# %% [markdown] lang="pt"
# ## cat: lado a lado
#
# `cat` junta tensores ao longo de uma dimensão que eles *têm*; todos os outros tamanhos devem coincidir.
# `stack` os junta ao longo de uma *nova*. Imagens lidas uma a uma viram um lote com `stack`.

# %%
left, right = torch.zeros(2, 2), torch.ones(2, 2)
assert torch.cat([left, right], dim=0).shape == (4, 2)
assert torch.cat([left, right], dim=1).shape == (2, 4)
assert torch.stack([left, right]).shape == (2, 2, 2)
assert torch.cat([left, right], 1).tolist() == [
    a + b for a, b in zip(left.tolist(), right.tolist(), strict=True)
]
mistake(lambda: torch.cat([left, torch.ones(3, 2)], dim=1))

# %% jupyter={"source_hidden": true}
p, q = torch.tensor([[1, 2], [3, 4]]), torch.tensor([[5, 6], [7, 8]])
show(
    blocks(
        ("p", p),
        ("q", q),
        ("cat([p, q], 0)", torch.cat([p, q], 0)),
        ("cat([p, q], 1)", torch.cat([p, q], 1)),
        ("stack([p, q])", torch.stack([p, q])),
        arrow=False,
    ),
    en="Two tables joined below each other, beside each other, and as a pile.",
    pt="Duas tabelas juntas: uma abaixo da outra, lado a lado e empilhadas.",
)

# %% [markdown] lang="en"
# ## The same with olhar: a picture as patches
#
# Networks that read a picture like a text first cut it into square patches. In olhar that is two lines:
# a `reshape` that splits rows and columns, and a `permute` that brings what belongs together side by
# side. We write it ourselves, with slices and `cat`, and compare.

# %% [markdown] lang="pt"
# ## O mesmo com olhar: uma imagem em retalhos
#
# Redes que leem uma imagem como texto primeiro a cortam em retalhos quadrados (patches). No olhar são duas linhas:
# um `reshape` que divide linhas e colunas, e um `permute` que põe lado a lado o que vai junto. Nós
# mesmos o escrevemos, com fatias e `cat`, e comparamos.

# %%
from olhar.classify.network_recurrent import patches

side = 40
cut = [
    picture[:, top : top + side, left : left + side].reshape(1, -1)
    for top in range(0, 160, side)
    for left in range(0, 160, side)
]
ours = torch.cat(cut, dim=0)  # (16, 3 * 40 * 40)
theirs = patches(picture.unsqueeze(0), side).squeeze(0)
assert torch.equal(ours, theirs)

# %% jupyter={"source_hidden": true}
show(
    [*ours[:8].reshape(8, 3, side, side)],
    en="The first eight of sixteen patches, in the order in which a text is read.",
    pt="Os primeiros oito de dezesseis retalhos, na ordem em que se lê um texto.",
    enlarge=2,
)

# %% [markdown] lang="en"
# ## Exercises
#
# 1. `x` has the shape `(32, 3, 224, 224)`. What is the last size of `x.reshape(32, -1)`?
# 2. `x` has the shape `(8, 3, 10, 20)`. What is the shape of
#    `x[:, None].squeeze(1).permute(0, 2, 3, 1)`? Answer with a tuple.
# 3. Write `shares(table)`: each row of any matrix `(R, C)` divided so that it sums to 1.
# 4. Write `window(images)`: four pictures `(4, 3, H, W)` as one `(3, 2 * H, 2 * W)`, the first two on
#    top, the others below.

# %% [markdown] lang="pt"
# ## Exercícios
#
# 1. `x` tem a forma `(32, 3, 224, 224)`. Qual é o último tamanho de `x.reshape(32, -1)`?
# 2. `x` tem a forma `(8, 3, 10, 20)`. Qual é a forma de
#    `x[:, None].squeeze(1).permute(0, 2, 3, 1)`? Responda com uma tupla.
# 3. Escreva `shares(table)`: cada linha de uma matriz qualquer `(R, C)` dividida de modo a somar 1.
# 4. Escreva `window(images)`: quatro imagens `(4, 3, H, W)` em uma só `(3, 2 * H, 2 * W)`, as duas
#    primeiras em cima, as outras embaixo.

# %%
last_size = ...
shape = ...
shares = ...  # lambda table: ...
window = ...  # lambda images: ...

check("operations.inferred", last_size)
check("operations.shape", shape)
check("operations.shares", shares)
check("operations.window", window)
