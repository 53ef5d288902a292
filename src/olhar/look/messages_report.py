"""What reports, comparisons and searches say."""

from olhar.look.phrase import Phrase

REPORT: dict[str, Phrase] = {
    "report.title": Phrase("Report: {name}", "Relatório: {name}"),
    "report.of": Phrase(
        "A model of kind {kind}, trained on {data}. Measured on {count} examples {part}.",
        "Um modelo do tipo {kind}, treinado com {data}. Medido em {count} exemplos {part}.",
    ),
    "data.pictures": Phrase("{count} pictures", "{count} imagens"),
    "data.class": Phrase("{count} pictures in {many} classes", "{count} imagens em {many} classes"),
    "data.label": Phrase("{count} pictures, labels: {many}", "{count} imagens, rótulos: {many}"),
    "data.number": Phrase(
        "{count} pictures, numbers of each: {many}", "{count} imagens, números de cada: {many}"
    ),
    "data.photographs": Phrase(
        "{count} photographs, measured on {many} others",
        "{count} fotografias, medido em {many} outras",
    ),
    "report.part.test": Phrase(
        "of the test part, which chose nothing", "da parte de teste, que não escolheu nada"
    ),
    "report.part.validation": Phrase(
        "of the validation part, which also chose the best epoch, so a little flattering",
        "da parte de validação, que também escolheu a melhor época e por isso lisonjeia um pouco",
    ),
    "report.part.train": Phrase(
        "of the part that it learned from, so flattering",
        "da parte com que aprendeu, portanto lisonjeiros",
    ),
    "report.part.all": Phrase("of this data, all of it", "destes dados, todos eles"),
    "report.interval": Phrase("95%: {low} to {high}", "95%: {low} a {high}"),
    "report.range": Phrase("{low}–{high}", "{low}–{high}"),
    "report.average": Phrase(
        "Precision, recall and F1 are averaged over classes: {average}. Under a figure stands the "
        "range in which it would lie, 95 times of 100, had other pictures of the same sort been "
        "drawn.",
        "Precisão, revocação e F1 são médias entre as classes: {average}. Sob cada número está a "
        "faixa em que ele ficaria, 95 vezes em 100, se outras imagens do mesmo tipo tivessem sido "
        "sorteadas.",
    ),
    "report.intervals": Phrase(
        "Under a figure stands the range in which it would lie, 95 times of 100, had other "
        "pictures of the same sort been drawn.",
        "Sob cada número está a faixa em que ele ficaria, 95 vezes em 100, se outras imagens do "
        "mesmo tipo tivessem sido sorteadas.",
    ),
    "report.notes": Phrase("About the data", "Sobre os dados"),
    "report.notes.intro": Phrase(
        "What was found when the pictures were read.",
        "O que se encontrou ao ler as imagens (em inglês).",
    ),
    "report.more": Phrase("The first {shown} of {count}.", "As primeiras {shown} de {count}."),
    # Classes
    "confusion.title": Phrase("What was taken for what", "O que foi tomado pelo quê"),
    "confusion.intro": Phrase(
        "A row is what a picture is, a column what was said. The diagonal is right; a dark field "
        "beside it is a pair of classes that the network confuses. Shades are shares of the row.",
        "A linha é o que a imagem é, a coluna o que foi dito. A diagonal está certa; um campo "
        "escuro fora dela é um par de classes que a rede confunde. Os tons são frações da linha.",
    ),
    "confusion.corner": Phrase("is \\ said", "é \\ dito"),
    "confusion.pair": Phrase(
        "Taken for another most often", "Tomadas por outra com mais frequência"
    ),
    "confusion.is": Phrase("is", "é"),
    "confusion.said": Phrase("was said to be", "foi dita"),
    "confusion.times": Phrase("times", "vezes"),
    "classes.title": Phrase("Class by class", "Classe por classe"),
    "classes.intro": Phrase(
        "Precision: of what was said to be of a class, how much is. Recall: of what is of a class, "
        "how much was said to be. F1 is the harmonic mean of both. A class with few pictures has a "
        "wide range: little is known of it.",
        "Precisão: do que foi dito ser de uma classe, quanto é. Revocação: do que é de uma classe, "
        "quanto foi dito. F1 é a média harmônica das duas. Uma classe com poucas imagens tem uma "
        "faixa larga: pouco se sabe dela.",
    ),
    "classes.class": Phrase("Class", "Classe"),
    "classes.label": Phrase("Label", "Rótulo"),
    "classes.value": Phrase("Number", "Número"),
    "calibration.title": Phrase("Is it as right as it is sure?", "Acerta tanto quanto afirma?"),
    "calibration.intro": Phrase(
        "Predictions gathered by how sure they were; on the dashed line, whoever says 80% is "
        "right 8 times of 10. Below it a network is too sure of itself.",
        "Previsões reunidas pela certeza que tinham; na linha tracejada, quem diz 80% acerta 8 "
        "vezes em 10. Abaixo dela a rede está segura demais.",
    ),
    "calibration.sure": Phrase("how sure, %", "certeza, %"),
    "calibration.right": Phrase("how often right, %", "acerto, %"),
    "calibration.with": Phrase("with temperature", "com temperatura"),
    "calibration.without": Phrase("without", "sem"),
    "calibration.caption": Phrase("Reliability diagram", "Diagrama de confiabilidade"),
    "calibration.error": Phrase(
        "Expected calibration error {error}%; without the temperature of {temperature} that the "
        "validation part asked for, {before}%.",
        "Erro esperado de calibração {error}%; sem a temperatura de {temperature} que a parte de "
        "validação pediu, {before}%.",
    ),
    "calibration.used": Phrase(
        "The temperature is saved with the model, and used whenever it says how sure it is.",
        "A temperatura é guardada com o modelo e usada sempre que ele diz a sua certeza.",
    ),
    "calibration.spread": Phrase("How sure it is", "Quão certa está"),
    "calibration.spread.note": Phrase(
        "How many predictions were how sure.", "Quantas previsões tinham quanta certeza."
    ),
    "calibration.count": Phrase("pictures", "imagens"),
    "mistakes.title": Phrase("The worst mistakes", "Os piores erros"),
    "mistakes.intro": Phrase(
        "The pictures of which the network was the surest and wrong. Some are errors of the "
        "labels: look before you blame the network.",
        "As imagens em que a rede estava mais certa e errada. Algumas são erros dos rótulos: olhe "
        "antes de culpar a rede.",
    ),
    "mistakes.numbers": Phrase(
        "The pictures whose numbers were missed by the most. Some are errors of the table: look "
        "before you blame the network.",
        "As imagens cujos números mais erraram. Alguns são erros da tabela: olhe antes de culpar a "
        "rede.",
    ),
    "mistakes.none": Phrase("There are none.", "Não há nenhum."),
    "mistakes.said": Phrase("{said}, {sure}%", "{said}, {sure}%"),
    "mistakes.is": Phrase("is {true}", "é {true}"),
    "mistakes.value": Phrase("{said}; is {true}", "{said}; é {true}"),
    "attention.title": Phrase("What it looked at", "Para onde olhou"),
    "attention.gradcam": Phrase(
        "Where the last feature maps spoke for what was said (Grad-CAM), in some pictures "
        "that it got right and some that it did not. A model that looks past the thing has "
        "learned the background.",
        "Onde os últimos mapas de características falaram a favor do que foi dito (Grad-CAM), "
        "em algumas imagens que acertou e outras que errou. Um modelo que não olha para a coisa "
        "aprendeu o fundo.",
    ),
    "attention.gradient": Phrase(
        "Pixels that would change most what was said (gradients of the input), in some "
        "pictures that it got right and some that it did not. This network has no maps, "
        "so it is a coarse look.",
        "Pixels que mais mudariam o que foi dito (gradientes da entrada), em algumas imagens "
        "que acertou e outras que errou. Esta rede não tem mapas, por isso é um olhar grosseiro.",
    ),
    "attention.of": Phrase("What it looked at in {file}", "Para onde olhou em {file}"),
    "picture.of": Phrase("Picture {file}", "Imagem {file}"),
    "twins.title": Phrase("Seen before", "Já vistas"),
    "twins.intro": Phrase(
        "Pictures that are nearly the same as one that the model learned from: what is measured "
        "on them is memory. Without these {count} of {all}, {measure} is {without} instead of "
        "{with_}.",
        "Imagens quase iguais a uma com que o modelo aprendeu: o que se mede nelas é memória. Sem "
        "estas {count} de {all}, {measure} é {without} em vez de {with_}.",
    ),
    "twins.none": Phrase(
        "No picture that was measured is nearly the same as one that the model learned from.",
        "Nenhuma imagem medida é quase igual a uma com que o modelo aprendeu.",
    ),
    "twins.unknown": Phrase(
        "This is not the data that the model learned from as it was then, so nobody knows which "
        "of these pictures it has seen.",
        "Estes não são os dados com que o modelo aprendeu tal como eram, portanto não se sabe "
        "quais destas imagens ele já viu.",
    ),
    "twins.measured": Phrase("measured: {file}", "medida: {file}"),
    "twins.learned": Phrase("learned from: {file}", "com que aprendeu: {file}"),
    # Numbers
    "scatter.title": Phrase("Said and true", "Dito e verdadeiro"),
    "scatter.intro": Phrase(
        "On the dashed line what was said is true. Residuals, what was said less what is, should "
        "be a shapeless band around 0: a slope or a funnel is something left to learn.",
        "Na linha tracejada, o dito é verdadeiro. Os resíduos, o dito menos o verdadeiro, deveriam "
        "ser uma faixa sem forma em torno de 0: uma inclinação ou um funil é algo por aprender.",
    ),
    "scatter.true": Phrase("true", "verdadeiro"),
    "scatter.said": Phrase("said", "dito"),
    "scatter.residual": Phrase("said less true", "dito menos verdadeiro"),
    "scatter.of": Phrase("{name}: said over true", "{name}: dito por verdadeiro"),
    "scatter.residuals": Phrase("{name}: residuals", "{name}: resíduos"),
    # Any kind
    "shown.title": Phrase("What it makes of pictures", "O que faz das imagens"),
    "shown.intro": Phrase(
        "Examples spread evenly over what was measured.",
        "Exemplos espalhados uniformemente pelo que foi medido.",
    ),
    "shown.alt": Phrase(
        "Examples and what the model made of them", "Exemplos e o que o modelo fez deles"
    ),
    "rows.title": Phrase("Side by side", "Lado a lado"),
    "rows.intro": Phrase(
        "Measured as {protocol}: compare with no other protocol.",
        "Medido segundo {protocol}: não compare com outro protocolo.",
    ),
    "rows.plain": Phrase("The same measures, part by part.", "As mesmas medidas, parte por parte."),
    "curves.title": Phrase("How it learned", "Como aprendeu"),
    "curves.intro": Phrase(
        "The loss on what it learns from keeps falling; the measures on the validation part say "
        "when it stops helping. The best epoch, {epoch}, was kept.",
        "A perda no que aprende continua caindo; as medidas na parte de validação dizem quando "
        "isso deixa de ajudar. A melhor época, {epoch}, foi guardada.",
    ),
    "curves.epoch": Phrase("epoch", "época"),
    "curves.loss": Phrase("Loss while learning", "Perda ao aprender"),
    "curves.measure": Phrase("{measure}, validation", "{measure}, validação"),
    "curves.train": Phrase("training", "treino"),
    "network.title": Phrase("The network", "A rede"),
    "network.intro": Phrase(
        "What it is made of, and what one picture costs.",
        "De que é feita, e quanto custa uma imagem.",
    ),
    "network.parameters": Phrase("parameters", "parâmetros"),
    "network.adds": Phrase("multiply-adds per picture", "multiplicações-somas por imagem"),
    "network.receptive": Phrase("receptive field", "campo receptivo"),
    "network.receptive.of": Phrase("{side} of {whole} pixels", "{side} de {whole} pixels"),
    "network.receptive.whole": Phrase("the whole picture", "a imagem inteira"),
    "network.speed": Phrase("pictures per second, measured", "imagens por segundo, medidas"),
    "network.layers": Phrase("{count} layers", "{count} camadas"),
    "network.layer": Phrase("Layer", "Camada"),
    "network.output": Phrase("Output", "Saída"),
    "recipe.title": Phrase("The recipe", "A receita"),
    "recipe.field": Phrase("Setting", "Ajuste"),
    "recipe.value": Phrase("Value", "Valor"),
    "recipe.count": Phrase("{count} settings", "{count} ajustes"),
    "report.foot": Phrase(
        "Every figure of this page is in report.json beside it.",
        "Todos os números desta página estão em report.json, ao lado.",
    ),
    "report.machine": Phrase(
        "{processor} · {threads} threads · torch {torch} · olhar {olhar}",
        "{processor} · {threads} threads · torch {torch} · olhar {olhar}",
    ),
    # Comparisons
    "compare.title": Phrase("{first} and {last}, compared", "{first} e {last}, comparados"),
    # Searches
    "tune.title": Phrase("In search of a better {kind}", "Em busca de um {kind} melhor"),
    "tune.intro": Phrase(
        "{trials} trials of up to {epochs} epochs, {pruned} of them stopped early for being "
        "behind. What chose is the score on the validation part.",
        "{trials} tentativas de até {epochs} épocas, {pruned} delas interrompidas por estarem "
        "atrás. Quem escolheu foi a pontuação na parte de validação.",
    ),
    "tune.verdict": Phrase("Winner and default", "Vencedora e padrão"),
    "tune.verdict.intro": Phrase(
        "Both trained anew, {seeds} seeds each at the same budget, and measured on the {part} "
        "part. The difference is real where its range leaves out 0.",
        "Ambas treinadas de novo, {seeds} sementes cada com o mesmo orçamento, e medidas na parte "
        "de {part}. A diferença é real onde a sua faixa exclui o 0.",
    ),
    "tune.part.test": Phrase("test", "teste"),
    "tune.part.validation": Phrase("validation", "validação"),
    "tune.flattered": Phrase(
        "There is no test part: the validation part also chose the winner, which flatters it.",
        "Não há parte de teste: a de validação também escolheu a vencedora, o que a lisonjeia.",
    ),
    "tune.measure": Phrase("Measure", "Medida"),
    "tune.default": Phrase("default", "padrão"),
    "tune.winner": Phrase("winner", "vencedora"),
    "tune.difference": Phrase("difference", "diferença"),
    "tune.history": Phrase("How the search went", "Como foi a busca"),
    "tune.history.intro": Phrase(
        "Each dot is a trial; the line is the best so far.",
        "Cada ponto é uma tentativa; a linha é a melhor até então.",
    ),
    "tune.trial": Phrase("trial", "tentativa"),
    "tune.score": Phrase("score", "pontuação"),
    "tune.trials": Phrase("trials", "tentativas"),
    "tune.best": Phrase("best so far", "a melhor até então"),
    "tune.importance": Phrase("What mattered", "O que importou"),
    "tune.importance.intro": Phrase(
        "Share of each setting in what separates good trials from the others (PED-ANOVA). With "
        "few trials this is a hint, not a finding.",
        "Peso de cada ajuste no que separa as boas tentativas das outras (PED-ANOVA). Com poucas "
        "tentativas é um indício, não um achado.",
    ),
    "tune.setting": Phrase("Setting", "Ajuste"),
    "tune.share": Phrase("Share", "Peso"),
    "tune.chosen": Phrase("Chosen", "Escolhido"),
    "tune.nothing": Phrase(
        "The default was not beaten by any trial.", "Nenhuma tentativa superou o padrão."
    ),
    # Measures
    "measure.accuracy": Phrase("accuracy", "acurácia"),
    "measure.precision": Phrase("precision", "precisão"),
    "measure.recall": Phrase("recall", "revocação"),
    "measure.f1": Phrase("F1", "F1"),
    "measure.support": Phrase("pictures", "imagens"),
    "measure.log_loss": Phrase("log loss, nats", "perda logarítmica, nats"),
    "measure.calibration_error": Phrase("calibration error", "erro de calibração"),
    "measure.top5": Phrase("among the first 5", "entre as 5 primeiras"),
    "measure.label_accuracy": Phrase("accuracy per label", "acurácia por rótulo"),
    "measure.average_precision": Phrase("average precision", "precisão média"),
    "measure.mae": Phrase("mean absolute error", "erro absoluto médio"),
    "measure.rmse": Phrase("root mean squared error", "raiz do erro quadrático médio"),
    "measure.r2": Phrase("R²", "R²"),
    "measure.loss": Phrase("loss", "perda"),
    "measure.psnr": Phrase("PSNR, dB", "PSNR, dB"),
    "measure.gain": Phrase("gain over one tint, dB", "ganho sobre um só tom, dB"),
    "measure.ab_ratio": Phrase("colour error over one tint's", "erro de cor sobre o de um só tom"),
    "measure.ab_error": Phrase("colour error", "erro de cor"),
    "measure.colorfulness": Phrase("colourfulness", "colorido"),
    "measure.feature_distance": Phrase("VGG distance", "distância VGG"),
    "measure.bits": Phrase("bits per dimension", "bits por dimensão"),
    "measure.divergence": Phrase("divergence", "divergência"),
    "measure.style": Phrase("style", "estilo"),
    "measure.content": Phrase("content", "conteúdo"),
    "measure.unsteady": Phrase("unsteadiness", "instabilidade"),
    "measure.error_p99": Phrase("error of the worst 1%", "erro do pior 1%"),
}
