# %% [markdown] lang="en"
# # 4. The seven steps
#
# Deep learning is the part of machine learning that uses networks of many layers. Its units were
# inspired, from afar, by the nerve cells of the brain: each receives numbers, weighs them, and passes a
# number on. Nobody writes the rules into such a network; it finds them in examples. Whatever it is to
# learn, the work is done in the same seven steps. Here they are, one cell each, on real handwriting.

# %% [markdown] lang="pt"
# # 4. Os sete passos
#
# Deep learning é a parte do aprendizado de máquina que usa redes de muitas camadas. Suas unidades foram
# inspiradas, de longe, nas células nervosas do cérebro: cada uma recebe números, pesa e passa um número
# adiante. Ninguém escreve as regras em uma rede assim; ela as encontra nos exemplos. Seja o que for que
# se queira ensinar, o trabalho tem os mesmos sete passos. Aqui estão eles, uma célula para cada um, com
# escrita à mão de verdade.

# %% [markdown] lang="en"
# ## Step 1. The objective
#
# Say in one sentence what goes in and what comes out. It decides everything that follows. A network may
# *classify* a picture, *predict* a number, or *generate* something new. Ours: **a small picture goes in,
# one of ten digits comes out.** The loss that says how wrong it is, for classes, is the cross-entropy
# (lesson 7 takes it apart).

# %% [markdown] lang="pt"
# ## Passo 1. O objetivo
#
# Diga em uma frase o que entra e o que sai. Isso decide tudo o que vem depois. Uma rede pode
# *classificar* uma imagem, *prever* um número ou *gerar* algo novo. O nosso: **entra uma pequena imagem,
# sai um de dez dígitos.** A perda, que diz o tamanho do erro, é para classes a entropia cruzada (a lição
# 7 a desmonta).

# %%
import torch
import torch.nn.functional as F
from torch import nn

from olhar.lessons import check, pace, predict, reveal, say, show

CLASSES = "0123456789"
objective = F.cross_entropy

# %% [markdown] lang="en"
# ## Step 2. The dataset
#
# Data from which the network learns. It should cover all that the network will meet later: every digit,
# many hands. These 1797 digits were written by 13 people (Alpaydin and Kaynak, 1998); each is 8 × 8
# pixels. Always look at the data before you train. Always count the classes.

# %% [markdown] lang="pt"
# ## Passo 2. O dataset
#
# Os dados com que a rede aprende. Devem cobrir tudo o que a rede vai encontrar depois: todos os dígitos,
# muitas mãos. Estes 1797 dígitos foram escritos por 13 pessoas (Alpaydin e Kaynak, 1998); cada um tem
# 8 × 8 pixels. Sempre olhe os dados antes de treinar. Sempre conte as classes.

# %%
from olhar.lessons.digits import digits

image, target = digits()  # (1797, 1, 8, 8) in [0, 1], (1797,)
counts = torch.bincount(target, minlength=10).tolist()
print("digit", *(f"{c:>4}" for c in CLASSES))
print("count", *(f"{n:>4}" for n in counts))

# %% jupyter={"source_hidden": true}
from olhar.lessons.drawing import sheet

show(
    sheet(1 - image[:60], columns=20),
    en="The first sixty digits, as they are.",
    pt="Os primeiros sessenta dígitos, como são.",
    enlarge=4,
)

# %% [markdown] lang="en"
# ## Step 3. Preprocessing
#
# Two things. First, **split**: one part to learn from, one to choose by (validation), and one that is
# opened a single time, at the end (test). Our rows lie in the order in which people wrote them, so we cut
# in that order: nearly all test digits are by hands that the network has never seen. Second, **normalise**: bring
# the pixels to mean 0 and deviation 1 (lesson 5 shows what for). Mean and deviation come from the training
# part alone, or the test leaks into the learning.

# %% [markdown] lang="pt"
# ## Passo 3. Pré-processamento
#
# Duas coisas. Primeiro, **dividir**: uma parte para aprender, uma para escolher (validação) e uma que se
# abre uma única vez, no fim (teste). Nossas linhas estão na ordem em que as pessoas escreveram, e cortamos
# nessa ordem: quase todos os dígitos de teste são de mãos que a rede nunca viu. Segundo, **normalizar**: levar os
# pixels a média 0 e desvio 1 (a lição 5 mostra para quê). Média e desvio vêm só da parte de treino, ou o
# teste vaza para dentro do aprendizado.

# %%
parts = {"train": slice(0, 1000), "validation": slice(1000, 1397), "test": slice(1397, None)}
mean, deviation = image[parts["train"]].mean(), image[parts["train"]].std()
data = {name: ((image[rows] - mean) / deviation, target[rows]) for name, rows in parts.items()}
for name, (x, _) in data.items():
    print(f"{name:<11}{len(x):>5}  mean {x.mean():+.2f}  deviation {x.std():.2f}")

# %% [markdown] lang="en"
# ## Step 4. The architecture
#
# How many layers, how many units, and what stands between them. A unit takes numbers, weighs them, and
# passes one on; a layer is many units side by side. Between the layers stands an *activation*: without
# it, ten layers would be no more than one. We start simple, and keep the number of units open: it is a
# *hyperparameter*, a choice made before training.

# %% [markdown] lang="pt"
# ## Passo 4. A arquitetura
#
# Quantas camadas, quantas unidades e o que fica entre elas. Uma unidade recebe números, pesa e passa um
# adiante; uma camada são muitas unidades lado a lado. Entre as camadas fica uma *ativação*: sem ela, dez
# camadas não seriam mais do que uma. Começamos simples e deixamos em aberto o número de unidades: é um
# *hiperparâmetro*, uma escolha feita antes do treino.


# %%
def architecture(units):
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Flatten(),  # (N, 64)
        nn.Linear(64, units),
        nn.ReLU(),
        nn.Linear(units, 10),  # (N, 10): one score per digit
    )


print(architecture(32))

# %% [markdown] lang="en"
# ## Step 5. Training
#
# Show a batch, measure the loss, compute the gradients, let the optimiser take a step. Again and again,
# in a new order each time. The optimiser is the algorithm that adjusts the weights; here it is AdamW.

# %% [markdown] lang="pt"
# ## Passo 5. O treino
#
# Mostrar um lote, medir a perda, calcular os gradientes, deixar o otimizador dar um passo. De novo e de
# novo, cada vez em outra ordem. O otimizador é o algoritmo que ajusta os pesos; aqui é o AdamW.

# %%
EPOCHS = pace(30, fast=4)


def train(network, epochs=EPOCHS, rate=3e-3):
    x, t = data["train"]
    optimizer = torch.optim.AdamW(network.parameters(), lr=rate)
    order = torch.Generator().manual_seed(1)
    history = []
    for _ in range(epochs):
        for rows in torch.randperm(len(x), generator=order).split(64):
            loss = objective(network(x[rows]), t[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        with torch.no_grad():
            history.append([objective(network(data[p][0]), data[p][1]).item()
                            for p in ("train", "validation")])  # fmt: skip
    return history


network = architecture(units=16)
history = train(network)
print(f"loss on the training part {history[0][0]:.2f} -> {history[-1][0]:.2f}")

# %% jupyter={"source_hidden": true}
from olhar.look.chart import Line, chart
from olhar.look.phrase import Phrase

epochs = range(1, EPOCHS + 1)
show(
    chart(
        [
            Line(Phrase("training", "treino"), epochs, [both[0] for both in history]),
            Line(Phrase("validation", "validação"), epochs, [both[1] for both in history]),
        ],
        x=Phrase("epoch", "época"),
        y=Phrase("loss", "perda"),
    ),
    en="The loss on what it learns from, and on what it does not.",
    pt="A perda no que serve para aprender e no que não serve.",
)

# %% [markdown] lang="en"
# ## Step 6. Evaluation
#
# How good is it on digits that it did not learn from? **Accuracy** is the share that is right. It hides
# who is mistaken for whom, so we also ask, of each class: of all that were *called* a 7, how many are one
# (**precision**)? Of all that *are* a 7, how many were found (**recall**)? First guess why accuracy alone
# will not do.

# %% [markdown] lang="pt"
# ## Passo 6. A avaliação
#
# Como ela se sai com dígitos que não viu no treino? **Acurácia** (accuracy) é a parte que está certa. Ela
# esconde quem é confundido com quem; por isso perguntamos também, de cada classe: de todos os que foram
# *chamados* de 7, quantos são (**precisão**, precision)? De todos os que *são* 7, quantos foram achados
# (**revocação**, recall)? Antes, adivinhe por que só a acurácia não basta.

# %% jupyter={"source_hidden": true}
predict(
    en="A detector of sevens always says 'not a 7'. What is its accuracy on these digits, in percent?",
    pt="Um detector de setes sempre diz 'não é 7'. Qual é a acurácia dele nestes dígitos, em por cento?",
)

# %%
lazy = 100 * (target != 7).float().mean().item()

# %% jupyter={"source_hidden": true}
reveal(
    round(lazy),
    en="it looks good, and finds nothing: its recall is 0.",
    pt="parece bom, e não acha nada: sua revocação é 0.",
)


# %%
def confusion(said, true, classes=10):
    """Row: what it is. Column: what was said."""
    table = [[0] * classes for _ in range(classes)]
    for s, t in zip(said, true, strict=True):
        table[t][s] += 1
    return table


def measure(table):
    n = len(table)
    right = [table[c][c] for c in range(n)]
    called = [sum(row[c] for row in table) for c in range(n)]
    there = [sum(row) for row in table]
    return {
        "accuracy": sum(right) / sum(there),
        "precision": sum(r / max(1, k) for r, k in zip(right, called, strict=True)) / n,
        "recall": sum(r / max(1, k) for r, k in zip(right, there, strict=True)) / n,
    }


x, t = data["validation"]
with torch.no_grad():
    probabilities = network(x).softmax(1)
table = confusion(probabilities.argmax(1).tolist(), t.tolist())
by_hand = measure(table)

from olhar.training.metrics import classification

by_olhar = classification(probabilities, t, CLASSES)
for name, value in by_hand.items():
    print(f"{name:<10}by hand {value:.4f}  by olhar {by_olhar[name]:.4f}")
    assert abs(value - by_olhar[name]) < 1e-9
assert table == by_olhar["confusion"]

# %% jupyter={"source_hidden": true}
from olhar.lessons.drawing import blocks

show(
    blocks((Phrase("row: what it is; column: what was said",
                   "linha: o que é; coluna: o que foi dito"), torch.tensor(table))),
    en="The confusion table: what is right lies on the diagonal.",
    pt="A tabela de confusão: o que está certo fica na diagonal.",
)  # fmt: skip
wrong = (probabilities.argmax(1) != t).nonzero()[:, 0][:20]
show(
    sheet(1 - image[parts["validation"]][wrong], columns=20),
    en="Some that it got wrong: " + " ".join(f"{t[i]}→{probabilities[i].argmax()}" for i in wrong),
    pt="Alguns que ela errou: " + " ".join(f"{t[i]}→{probabilities[i].argmax()}" for i in wrong),
    enlarge=4,
)

# %% [markdown] lang="en"
# ## Step 7. Adjustment
#
# Not satisfied? Change the hyperparameters and train again: the number of units, of layers, the learning
# rate, the number of epochs. The validation part decides. Only when everything is chosen do we open the
# test part, once.

# %% [markdown] lang="pt"
# ## Passo 7. O ajuste
#
# Não está bom? Mude os hiperparâmetros e treine de novo: o número de unidades, de camadas, a taxa de
# aprendizado, o número de épocas. A parte de validação decide. Só quando tudo está escolhido abrimos a
# parte de teste, uma vez.


# %%
def accuracy(network, part):
    x, t = data[part]
    with torch.no_grad():
        return (network(x).argmax(1) == t).float().mean().item()


tried = {}
for units in (4, 16, 64, 256):
    candidate = architecture(units)
    train(candidate)
    tried[units] = (accuracy(candidate, "validation"), candidate)
    print(f"{units:>4} units: {tried[units][0]:.1%} on the validation part")

best = max(tried, key=lambda units: tried[units][0])
final = accuracy(tried[best][1], "test")
say(
    f"chosen: {best} units. On the test part, by unknown hands: {final:.1%}",
    f"escolha: {best} unidades. Na parte de teste, de mãos desconhecidas: {final:.1%}",
)

# %% [markdown] lang="en"
# The test comes out worse than the validation. These hands write differently, and nothing was chosen to
# suit them. That number is the honest one: it is what the next stranger would see.
#
# ## The same with olhar
#
# A *recipe* says steps 1 to 4 and 7, `fit` is step 5, and step 6 follows by itself: the best epoch is
# measured on the test part. With pictures of your own you write `olhar.Classifier(data=Path("flowers/"))`
# and leave `data=datasets()` out; or `olhar train classifier flowers/ -o runs/flowers`, without a line of
# Python. This one is a small convolutional network (lesson 6).

# %% [markdown] lang="pt"
# O teste sai pior que a validação. Essas mãos escrevem de outro jeito, e nada foi escolhido para agradar
# a elas. Esse é o número honesto: é o que o próximo desconhecido veria.
#
# ## O mesmo com olhar
#
# Uma *receita* diz os passos 1 a 4 e 7, `fit` é o passo 5, e o passo 6 vem sozinho: a melhor época é
# medida na parte de teste. Com suas próprias imagens você escreve `olhar.Classifier(data=Path("flowers/"))`
# e omite `data=datasets()`; ou `olhar train classifier flowers/ -o runs/flowers`, sem uma linha de Python.
# Esta é uma pequena rede convolucional (lição 6).

# %%
import tempfile
from pathlib import Path

import olhar
from olhar.lessons.digits import datasets, pictures
from olhar.training.events import Evaluated

with tempfile.TemporaryDirectory() as home:
    run = Path(home, "run")
    recipe = olhar.Classifier(
        data=Path("digits"),
        architecture="cnn",
        widths=(16, 32),
        epochs=pace(8, fast=1),
        augment=olhar.Augment(),
    )
    for event in olhar.fit(recipe, run, device="cpu", data=datasets()):
        if isinstance(event, Evaluated):
            print(f"epoch {event.epoch}  {event.split:<11}accuracy {event.metrics['accuracy']:.1%}")
    answer = olhar.classify(pictures(image[-1:])[0], run)
print(f"the last digit is a {target[-1]}; the network says: {answer.best}")

# %% [markdown] lang="en"
# ## Exercises
#
# 1. A detector found 40 pictures: 30 of them rightly. It overlooked 20. What is its **precision**?
# 2. And its **recall**?
# 3. Which part chooses the number of units: `"train"`, `"validation"` or `"test"`?
# 4. Write `recall_of(table, c)`: the recall of class `c` from a confusion table as above (a list of
#    rows; row: what it is). A class that never occurs has recall 0.

# %% [markdown] lang="pt"
# ## Exercícios
#
# 1. Um detector achou 40 imagens: 30 delas com razão. Deixou passar 20. Qual é a sua **precisão**?
# 2. E a sua **revocação** (recall)?
# 3. Qual parte escolhe o número de unidades: `"train"`, `"validation"` ou `"test"`?
# 4. Escreva `recall_of(table, c)`: a revocação da classe `c` a partir de uma tabela de confusão como a de
#    cima (uma lista de linhas; linha: o que é). Uma classe que não ocorre tem revocação 0.

# %%
precision = ...
recall = ...
part = ...
recall_of = ...  # lambda table, c: ...

check("seven_steps.precision", precision)
check("seven_steps.recall", recall)
check("seven_steps.part", part)
check("seven_steps.recall_of", recall_of)
