# %% [markdown] lang="en"
# # 12. Style transfer
#
# A face, painted as the night over a village is painted. To ask for that, we have to tell a computer what
# a painting *shows* and how it is *painted*, in numbers. A network that was trained to tell dogs from
# teapots turns out to know both: its deep layers say what is where, and which of its features occur
# together says how it is painted. In this lesson you compute both by hand, and then change a picture
# until the numbers are right.

# %% [markdown] lang="pt"
# # 12. Transferência de estilo
#
# Um rosto, pintado como se pinta a noite sobre uma aldeia. Para pedir isso, precisamos dizer ao computador,
# em números, o que uma pintura *mostra* e como ela é *pintada*. Acontece que uma rede treinada para
# distinguir cachorros de chaleiras sabe as duas coisas: as camadas profundas dizem o que está onde, e
# quais dos seus atributos aparecem juntos diz como se pinta. Nesta lição você calcula as duas coisas à
# mão e depois muda uma imagem até os números ficarem certos.

# %% [markdown] lang="en"
# ## From nothing: the Gram matrix
#
# A layer of a network is a stack of feature maps: one says where there is yellow, one where there are
# strokes that rise to the right, and so on. Multiply two of them place by place and take the mean. If the
# two occur at the same places, the result is large: *yellow comes in rising strokes*. Do that for every
# pair of features, and you have a table, the Gram matrix. That is what "style" means here.

# %% [markdown] lang="pt"
# ## Do zero: a matriz de Gram
#
# Uma camada da rede é uma pilha de mapas de atributos: um diz onde há amarelo, outro onde há pinceladas que
# sobem para a direita, e assim por diante. Multiplique dois deles lugar por lugar e tire a média. Se os dois
# aparecem nos mesmos lugares, o resultado é grande: *o amarelo vem em pinceladas que sobem*. Faça isso para
# cada par de atributos e você tem uma tabela, a matriz de Gram. É isso que "estilo" quer dizer aqui.


# %%
def gram_by_hand(maps):
    """maps[i]: the values of feature i at all places, as a list."""
    places = len(maps[0])
    return [[sum(a * b for a, b in zip(f, g, strict=True)) / places for g in maps] for f in maps]


yellow = [0, 0, 2, 2, 0, 0]
rising = [0, 1, 2, 2, 0, 0]
smooth = [3, 1, 0, 0, 1, 3]
for row in gram_by_hand([yellow, rising, smooth]):
    print([round(value, 2) for value in row])

# %% [markdown] lang="en"
# ## The same with torch, the same with olhar
#
# All pairs at once is one product of matrices. The features come from VGG-16, which olhar brings along.

# %% [markdown] lang="pt"
# ## O mesmo com torch, o mesmo com o olhar
#
# Todos os pares de uma vez são um produto de matrizes. Os atributos vêm da VGG-16, que o olhar traz consigo.

# %%
import torch

from olhar.lessons import check, pace, predict, reveal, say, show
from olhar.nets.vgg import bundled_vgg16
from olhar.samples import painting
from olhar.samples.face import face
from olhar.stylize.network import moments

side = pace(96, fast=64)
photo = face(1, side, yaw=15, smile=0.5, scale=1.3)  # the content; any photo will do
night = painting("night", size=side)
vgg = bundled_vgg16()


def gram(features):
    """(C, H, W) -> (C, C)"""
    flat = features.flatten(1)
    return flat @ flat.T / flat.shape[1]


seen = vgg(night[None], ["relu1_1", "relu2_1", "relu3_1", "relu4_1"])
for layer, (features,) in seen.items():
    print(f"{layer}: features {tuple(features.shape)}, Gram {tuple(gram(features).shape)}")

features = seen["relu2_1"][0]
few = features[:6, ::4, ::4]
by_hand = torch.tensor(gram_by_hand(few.flatten(1).tolist()))
assert torch.allclose(by_hand, gram(few), rtol=1e-4, atol=1e-4)
assert torch.allclose(gram(features), moments(features[None]).gram[0], rtol=1e-4, atol=1e-4)

# %% jupyter={"source_hidden": true}
predict(
    en="Shuffle the places: every column of features goes to a random place, the same for all maps. By "
    "how much does the Gram matrix change?",
    pt="Embaralhe os lugares: cada coluna de atributos vai para um lugar ao acaso, o mesmo em todos os "
    "mapas. Quanto muda a matriz de Gram?",
)

# %%
order = torch.randperm(features[0].numel(), generator=torch.Generator().manual_seed(0))
shuffled = features.flatten(1)[:, order].reshape(features.shape)
change = ((gram(shuffled) - gram(features)).norm() / gram(features).norm()).item()
assert change < 1e-5

# %% jupyter={"source_hidden": true}
reveal(
    f"{change:.6f}",
    en="nothing. A Gram matrix forgets where things are and keeps what occurs together. So it cannot ask "
    "for the village, only for the way it is painted.",
    pt="nada. A matriz de Gram esquece onde as coisas estão e guarda o que aparece junto. Por isso não "
    "pode pedir a aldeia, só o jeito de pintar.",
)

# %%
names = ["night", "wave", "points"]
paintings = {name: night if name == "night" else painting(name, size=side) for name in names}
grams = {n: gram(vgg(image[None], ["relu2_1"])["relu2_1"][0]) for n, image in paintings.items()}
other = gram(vgg(painting("night", size=side, seed=5)[None], ["relu2_1"])["relu2_1"][0])


def apart(one, two):
    """0 if equal; about 1 if they have nothing in common."""
    return ((one - two).square().sum() / two.square().sum()).item()


for name in names:
    print(f"another night, and {name:6}: {apart(other, grams[name]):.3f}")
assert min(names, key=lambda name: apart(other, grams[name])) == "night"

# %% jupyter={"source_hidden": true}
from olhar.lessons.drawing import heat

middle = torch.stack([*grams.values()]).mean(0)
own = [(g - middle)[:32, :32] for g in grams.values()]
own = [heat(d.sign() * d.abs().sqrt()).repeat_interleave(3, 1) for d in own]
show(
    [*paintings.values(), *(each.repeat_interleave(3, 2) for each in own)],
    en="Three paintings, and how a corner of each one's Gram matrix differs from the mean of the three.",
    pt="Três pinturas, e como um canto da matriz de Gram de cada uma difere da média das três.",
)

# %% [markdown] lang="en"
# ## Change the picture, not the network
#
# Until now training changed weights and left pictures alone. Here it is the other way round. The network
# is frozen, the *pixels* are the parameters. Two losses pull at them:
#
# - content: the deep features of the picture, place by place, against those of the photo;
# - style: the Gram matrices of the picture against those of the painting, at four depths.
#
# Both are divided by the size of what is wanted, so that a weight means the same at every layer.

# %% [markdown] lang="pt"
# ## Mude a imagem, não a rede
#
# Até aqui o treino mudava pesos e deixava as imagens em paz. Agora é o contrário. A rede fica congelada, e
# os *pixels* são os parâmetros. Duas losses puxam por eles:
#
# - conteúdo: os atributos profundos da imagem, lugar por lugar, contra os da foto;
# - estilo: as matrizes de Gram da imagem contra as da pintura, em quatro profundidades.
#
# As duas são divididas pelo tamanho do que se quer, para que um peso signifique o mesmo em cada camada.

# %%
STYLE = ["relu1_1", "relu2_1", "relu3_1", "relu4_1"]  # strokes from fine to coarse
CONTENT = "relu4_2"  # what is where


def relative(found, wanted):
    return (found - wanted).square().sum() / wanted.square().sum()


def losses(image, content, style):
    """How far an image (1, 3, H, W) is from a photo's content, and from a painting's style."""
    features = vgg(image, [*STYLE, CONTENT])
    from_style = [relative(gram(features[layer][0]), style[layer]) for layer in STYLE]
    return relative(features[CONTENT], content), sum(from_style) / len(STYLE)


def restyled(photo, painting, weight, steps):
    """The photo's content in the painting's style; weight is what content counts."""
    with torch.no_grad():
        content = vgg(photo[None], [CONTENT])[CONTENT].clone()
        style = {k: gram(f[0]) for k, f in vgg(painting[None], STYLE).items()}
    image = photo[None].clone().requires_grad_()
    optimizer = torch.optim.Adam([image], 0.04)
    history = []
    for _ in range(steps):
        far_content, far_style = losses(image, content, style)
        loss = weight * far_content + far_style
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        with torch.no_grad():
            image.clamp_(0, 1)
        history.append((far_content.item(), far_style.item()))
    return image.detach()[0], history


steps = pace(50, fast=5)
picture, history = restyled(photo, night, 0.1, steps)
print(f"style: {history[0][1]:.3f} at the start, {history[-1][1]:.3f} at the end")
if steps > 10:
    assert history[-1][1] < 0.3 * history[0][1]

# %% jupyter={"source_hidden": true}
from olhar.look.chart import Line, chart
from olhar.look.phrase import Phrase

show(
    [photo, night, picture],
    en="The face, the painting, and the face with its style.",
    pt="O rosto, a pintura, e o rosto com o estilo dela.",
    enlarge=2,
)
show(
    chart(
        [
            Line(Phrase("style", "estilo"), [*range(steps)], [s for _, s in history]),
            Line(Phrase("content", "conteúdo"), [*range(steps)], [c for c, _ in history]),
        ],
        x=Phrase("step", "passo"),
        y=Phrase("how far from it", "distância"),
    ),
    en="The style comes nearer, and the content pays for it.",
    pt="O estilo se aproxima, e o conteúdo paga por isso.",
)

# %% jupyter={"source_hidden": true}
predict(
    en="The same with a weight of 10 for the content, a hundred times as much. What will it look like?",
    pt="O mesmo com peso 10 para o conteúdo, cem vezes mais. Como vai ficar?",
)

# %%
faithful, _ = restyled(photo, night, 10.0, steps // 2)
moved = {w: (image - photo).abs().mean().item() for w, image in ((0.1, picture), (10, faithful))}

# %% jupyter={"source_hidden": true}
reveal(
    f"{moved[10]:.3f} / {moved[0.1]:.3f}",
    en="nearly the photo: pixels move less. Between the two extremes there is no right weight, only taste.",
    pt="quase a foto: os pixels andam menos. Entre os dois extremos não há peso certo, só gosto.",
)
show(
    [picture, faithful],
    en="Content counts 0.1, and 10.",
    pt="O conteúdo conta 0,1, e 10.",
    enlarge=2,
)

# %% [markdown] lang="en"
# ## The same with olhar
#
# `olhar stylize photo.jpg --style painting.jpg` minimises the same two losses: we ask its `Objective` for
# them and compare. What it adds: it works from coarse to fine, so that large strokes find their place
# before small ones; a quasi-Newton method that learns the curvature as it goes; a VGG that is several times
# cheaper to evaluate; `--stroke` for the size of the brush, `--colors content` to keep the photo's colours,
# several paintings at once, whole folders, films. And what it writes says that a machine made it.
#
# Every picture is optimised anew, though, and a film has thousands. The way out is to learn once: a small
# network sees photographs and is told, by the same two losses, how well it restyled them (Johnson et al.
# 2016). After `olhar train stylizer photos/ --style painting.jpg -o runs/ours` it restyles any photograph in one
# pass. That takes a quarter of an hour, as it does not begin from nothing: the style `night` has been learned for
# you (in an hour), and to go on from one style to the next is transfer learning. It needs no VGG any more.

# %% [markdown] lang="pt"
# ## O mesmo com o olhar
#
# `olhar stylize photo.jpg --style painting.jpg` minimiza as mesmas duas losses: pedimos os valores ao
# `Objective` dele e comparamos. O que ele acrescenta: trabalha do grosso para o fino, para que as pinceladas
# grandes achem o seu lugar antes das pequenas; um método quase-Newton, que aprende a curvatura pelo caminho;
# uma VGG várias vezes mais barata de calcular; `--stroke` para o tamanho do pincel, `--colors content` para
# manter as cores da foto, várias pinturas ao mesmo tempo, pastas inteiras, filmes. E o que ele grava diz que foi
# uma máquina que fez.
#
# Só que cada imagem é otimizada do zero, e um filme tem milhares. A saída é aprender uma vez só: uma rede pequena vê
# fotografias e as mesmas duas losses lhe dizem quão bem as estilizou (Johnson et al. 2016). Depois de
# `olhar train stylizer fotos/ --style pintura.jpg -o runs/nosso`, ela estiliza qualquer foto em uma só passada.
# Isso leva um quarto de hora, pois não começa do zero: o estilo `night` já foi aprendido para você (em uma hora), e
# passar de um estilo ao seguinte é transfer learning. A rede nem precisa mais da VGG.

# %%
import olhar
from olhar.stylize.network import Objective

objective = Objective(vgg, photo[None], [night[None]], [1.0], "gram", 0.1, 0.0)
with torch.no_grad():
    theirs = objective(picture[None])
    content = vgg(photo[None], [CONTENT])[CONTENT].clone()
    style = {k: gram(f[0]) for k, f in vgg(night[None], STYLE).items()}
    ours = losses(picture[None], content, style)
print(f"content {ours[0]:.4f} and {theirs.content:.4f}, style {ours[1]:.5f} and {theirs.style:.5f}")
assert abs(ours[0] - theirs.content) < 1e-3 * theirs.content
assert abs(ours[1] - theirs.style) < 1e-3

made = olhar.stylize(photo, [night], size=max(side, 64), iterations=pace(25, fast=2))
kept = olhar.stylize(
    photo, [night], size=max(side, 64), iterations=pace(12, fast=2), colors="content"
)
at_once = olhar.stylize(photo, "night", size=max(side, 64))

# %% jupyter={"source_hidden": true}
show(
    [picture, made, kept, at_once],
    en="Ours; olhar.stylize; with the colours of the photo; and in one pass.",
    pt="A nossa; olhar.stylize; com as cores da foto; e em uma só passada.",
    enlarge=2,
)
with torch.no_grad():
    theirs = objective(made[None])
say(
    f"olhar's picture: content {theirs.content:.2f}, style {theirs.style:.3f}; ours: content "
    f"{history[-1][0]:.2f}, style {history[-1][1]:.3f}",
    f"a imagem do olhar: conteúdo {theirs.content:.2f}, estilo {theirs.style:.3f}; a nossa: conteúdo "
    f"{history[-1][0]:.2f}, estilo {history[-1][1]:.3f}",
)

# %% [markdown] lang="en"
# ## Exercises
#
# 1. A layer has 128 features at 64 × 64 places. How many numbers are in its Gram matrix?
# 2. Write `gram_matrix(features)`: features `(C, H, W)` to `(C, C)`, the mean over places.
# 3. A picture is to have half of the style of each of two paintings. What do you average: the
#    `"pictures"` or the `"grams"`?

# %% [markdown] lang="pt"
# ## Exercícios
#
# 1. Uma camada tem 128 atributos em 64 × 64 lugares. Quantos números há na sua matriz de Gram?
# 2. Escreva `gram_matrix(features)`: de atributos `(C, H, W)` para `(C, C)`, a média sobre os lugares.
# 3. Uma imagem deve ter metade do estilo de cada uma de duas pinturas. Do que você tira a média: das
#    imagens (`"pictures"`) ou das matrizes de Gram (`"grams"`)?

# %%
numbers = ...
gram_matrix = ...  # lambda features: ...
averaged = ...

check("style.numbers", numbers)
check("style.gram", gram_matrix)
check("style.averaged", averaged)
