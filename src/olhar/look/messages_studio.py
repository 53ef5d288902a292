"""What the studio says, in both languages; the fields of its forms are in `messages_fields`."""

from olhar.look.phrase import Phrase

STUDIO: dict[str, Phrase] = {
    # Pages
    "studio.nav": Phrase("Pages of the studio", "Páginas do estúdio"),
    "studio.page.colorize": Phrase("Colorize", "Colorir"),
    "studio.page.restyle": Phrase("Restyle", "Estilizar"),
    "studio.page.denoise": Phrase("Denoise", "Tirar ruído"),
    "studio.page.generate": Phrase("Generate", "Gerar"),
    "studio.page.classify": Phrase("Classify", "Classificar"),
    "studio.page.pack": Phrase("Pack", "Compactar"),
    "studio.page.runs": Phrase("Runs and models", "Treinos e modelos"),
    "studio.page.inspect": Phrase("Inspect", "Inspecionar"),
    "studio.about.colorize": Phrase(
        "A black-and-white photograph or film comes back in colour. The colours are plausible "
        "guesses; tell what you know, and it spreads.",
        "Uma fotografia ou um filme em preto e branco volta em cores. As cores são palpites "
        "plausíveis; conte o que você sabe, e isso se espalha.",
    ),
    "studio.about.restyle": Phrase(
        "A photograph or a film in the brushwork and the colours of a painting, formed before "
        "your eyes.",
        "Uma fotografia ou um filme com as pinceladas e as cores de uma pintura, formados diante "
        "dos seus olhos.",
    ),
    "studio.about.denoise": Phrase(
        "Grain, the noise of dark rooms and the traces of strong compression, taken away.",
        "O grão, o ruído de lugares escuros e as marcas de uma compressão forte, retirados.",
    ),
    "studio.about.generate": Phrase(
        "Teach a network from a folder of pictures, then make ones that were never taken.",
        "Ensine uma rede com uma pasta de imagens e depois faça outras que nunca existiram.",
    ),
    "studio.about.classify": Phrase(
        "A folder with a folder per class is enough: watch it learn, read the report, try a "
        "picture.",
        "Basta uma pasta com uma subpasta por classe: veja a rede aprender, leia o relatório, "
        "teste uma imagem.",
    ),
    "studio.about.pack": Phrase(
        "A folder of pictures in one small file: a network keeps of each what is easy to see. "
        "Trainings read it like the folder.",
        "Uma pasta de imagens em um arquivo pequeno: uma rede guarda de cada uma o que é fácil de "
        "ver. Os treinos o leem como a pasta.",
    ),
    "studio.about.runs": Phrase(
        "What is at work, what was made in the last day, and the models that were trained here.",
        "O que está em andamento, o que foi feito no último dia e os modelos treinados aqui.",
    ),
    "studio.about.inspect": Phrase(
        "What a picture, a film or a model declares of itself: by whom, from what, and whether "
        "it was changed since. Nobody else is asked.",
        "O que uma imagem, um filme ou um modelo declara de si: por quem, a partir de quê e se "
        "algo mudou desde então. Ninguém mais é consultado.",
    ),
    # Jobs
    "studio.job.colorize": Phrase("Colouring", "Colorização"),
    "studio.job.suggest": Phrase("Colours of a place", "Cores de um ponto"),
    "studio.job.restyle": Phrase("Restyling", "Estilização"),
    "studio.job.denoise": Phrase("Taking noise off", "Retirada de ruído"),
    "studio.job.generate": Phrase("Making pictures", "Geração de imagens"),
    "studio.job.explore": Phrase("Making a picture", "Geração de uma imagem"),
    "studio.job.train": Phrase("Training", "Treino"),
    "studio.job.classify": Phrase("Classifying", "Classificação"),
    "studio.job.pack": Phrase("Packing", "Compactação"),
    "studio.job.export": Phrase("Exporting a model", "Exportação de um modelo"),
    "studio.job.compare": Phrase("Comparing models", "Comparação de modelos"),
    "studio.job.inspect": Phrase("Inspecting", "Inspeção"),
    "studio.place": Phrase("a free place", "uma vaga"),
    "studio.waiting": Phrase("Waiting for: {what}", "Aguardando: {what}"),
    "studio.waiting.more": Phrase(
        "Waiting for: {what}, and {count} more before yours",
        "Aguardando: {what}, e mais {count} antes do seu",
    ),
    "studio.working": Phrase("At work", "Em andamento"),
    "studio.preparing": Phrase("Looking at the styles", "Olhando os estilos"),
    "studio.reading": Phrase("Reading the pictures", "Lendo as imagens"),
    "studio.reporting": Phrase("Writing the report", "Escrevendo o relatório"),
    "studio.iteration": Phrase(
        "Step {iteration} of {iterations}", "Passo {iteration} de {iterations}"
    ),
    "studio.epoch": Phrase("{run}: epoch {epoch} of {epochs}", "{run}: época {epoch} de {epochs}"),
    "studio.left": Phrase("{time} left", "faltam {time}"),
    "studio.seconds": Phrase("{count}\u00a0s", "{count}\u00a0s"),
    "studio.minutes": Phrase("{count}\u00a0min", "{count}\u00a0min"),
    "studio.hours": Phrase("{count}\u00a0h", "{count}\u00a0h"),
    "studio.stop.plain": Phrase("Stop", "Parar"),
    "studio.stop.keep": Phrase("Stop, and keep it as it is", "Parar e ficar com ela assim"),
    "studio.stopping": Phrase("Stopping", "Parando"),
    "studio.stopped": Phrase("Stopped.", "Parado."),
    "studio.error.english": Phrase("{sentence}", "Explicação, em inglês: {sentence}"),
    "studio.failed": Phrase("That did not work", "Não deu certo"),
    "studio.download": Phrase("Download", "Baixar"),
    "studio.size": Phrase(
        "{width} × {height} pixels. Results stay here for a day.",
        "{width} × {height} pixels. Os resultados ficam aqui por um dia.",
    ),
    "studio.pixels": Phrase("{width} × {height} pixels", "{width} × {height} pixels"),
    "studio.more": Phrase("More settings", "Mais opções"),
    "studio.drawn": Phrase("No picture at hand? Draw one", "Sem imagem à mão? Desenhe uma"),
    # Colorize
    "studio.photo.film": Phrase("A photograph or a film", "Uma fotografia ou um filme"),
    "studio.photo": Phrase("A photograph", "Uma fotografia"),
    "studio.colorize.empty": Phrase(
        "Drop a photograph above: it is coloured at once, on this machine.",
        "Solte uma fotografia acima: ela é colorida na hora, nesta máquina.",
    ),
    "studio.colorize.name": Phrase("The photograph in colour", "A fotografia em cores"),
    "studio.compare": Phrase("Compare", "Comparar"),
    "studio.choose": Phrase("Choose colours", "Escolher cores"),
    "studio.variants": Phrase("Other answers", "Outras respostas"),
    "studio.variant": Phrase("Answer {number}", "Resposta {number}"),
    "studio.pick": Phrase(
        "Picture: click a place or draw a line, or move with the arrow keys and press Enter",
        "Imagem: clique em um ponto ou trace uma linha, ou mova com as setas e pressione Enter",
    ),
    "studio.pick.note": Phrase(
        "Click a place whose colour you know, or draw along it. With the keyboard: arrow keys, "
        "then Enter.",
        "Clique em um ponto cuja cor você conhece, ou trace uma linha sobre ele. Pelo teclado: "
        "setas, depois Enter.",
    ),
    "studio.pick.brush": Phrase(
        "Every click and every line is painted with this colour at once.",
        "Cada clique e cada linha já é pintado com esta cor.",
    ),
    "studio.brush": Phrase("Paint on with this colour", "Continuar com esta cor"),
    "studio.marks.busy": Phrase("The colours spread", "As cores se espalham"),
    "studio.marks.clear": Phrase("Clear all", "Limpar tudo"),
    "studio.mark.point": Phrase("Point {number}", "Ponto {number}"),
    "studio.mark.stroke": Phrase("Line {number}", "Linha {number}"),
    "studio.mark.change": Phrase("Change the colour: {what}", "Trocar a cor: {what}"),
    "studio.mark.remove": Phrase("Remove: {what}", "Remover: {what}"),
    "studio.change": Phrase("Change", "Trocar"),
    "studio.remove": Phrase("Remove", "Remover"),
    "studio.palette": Phrase(
        "What this place may be; the likeliest first.",
        "O que este ponto pode ser; o mais provável primeiro.",
    ),
    "studio.palette.of": Phrase("Another colour for: {what}", "Outra cor para: {what}"),
    "studio.palette.again": Phrase("Colour {color}, used before", "Cor {color}, já usada"),
    "studio.palette.used": Phrase("used", "usada"),
    "studio.palette.color": Phrase("Colour {color}, {share}", "Cor {color}, {share}"),
    "studio.palette.other": Phrase("other", "outra"),
    "studio.palette.grey": Phrase("grey", "cinza"),
    "studio.undo": Phrase("Undo", "Desfazer"),
    # Restyle
    "studio.restyle.empty": Phrase(
        "Choose a photograph or a film, and a style, and watch the picture form.",
        "Escolha uma fotografia ou um filme, e um estilo, e veja a imagem se formar.",
    ),
    "studio.restyle.name": Phrase("The photograph restyled", "A fotografia estilizada"),
    "studio.styles": Phrase("Styles, drawn by code", "Estilos, desenhados por código"),
    "studio.styles.own": Phrase("Or a painting of your own", "Ou uma pintura sua"),
    "studio.restyle.reached": Phrase(
        "Stopped after step {iteration} of {iterations}. It can go on from there, for a day.",
        "Parada no passo {iteration} de {iterations}. Dá para continuar dali, por um dia.",
    ),
    "studio.restyle.frame": Phrase("Frame {number} of the film", "Quadro {number} do filme"),
    "studio.restyle.stopped": Phrase(
        "Stopped. It can go on from where it was, for a day.",
        "Parada. Dá para continuar de onde estava, por um dia.",
    ),
    "studio.restyle.start": Phrase("Restyle", "Estilizar"),
    "studio.restyle.tab": Phrase("Restyle", "Estilizar"),
    "studio.restyle.learn": Phrase("Learn a style", "Aprender um estilo"),
    "studio.restyle.by": Phrase("How", "Como"),
    "studio.restyle.by.help": Phrase(
        "Step by step after the paintings below; or in one pass by a style that was learned, which "
        "heeds only size and colours",
        "Passo a passo à maneira das pinturas abaixo; ou de uma vez por um estilo aprendido, que "
        "só considera tamanho e cores",
    ),
    "studio.restyle.painted": Phrase("step by step", "passo a passo"),
    # Denoise
    "studio.denoise.empty": Phrase(
        "Drop a photograph above: how much noise there is, is found out place by place.",
        "Solte uma fotografia acima: quanto ruído há é descoberto ponto a ponto.",
    ),
    "studio.denoise.name": Phrase("The photograph without noise", "A fotografia sem ruído"),
    "studio.strength": Phrase("How much is taken away", "Quanto é retirado"),
    "studio.strength.help": Phrase(
        "0 is nothing, 1 is all that is taken for noise", "0 é nada, 1 é tudo o que parece ruído"
    ),
    # Learning
    "studio.data": Phrase("Pictures to learn from", "Imagens para aprender"),
    "studio.data.help": Phrase(
        "A folder with a folder per class, chosen below or put into {folder}",
        "Uma pasta com uma subpasta por classe, escolhida abaixo ou posta em {folder}",
    ),
    "studio.data.choose": Phrase("Send a folder", "Enviar uma pasta"),
    "studio.data.sending": Phrase("Sending the folder", "Enviando a pasta"),
    "studio.data.private": Phrase(
        "It is copied into the studio's own folder on this machine, and nowhere else.",
        "Ela é copiada para a pasta do estúdio nesta máquina, e para nenhum outro lugar.",
    ),
    "studio.data.none": Phrase("No folder yet: send one.", "Ainda não há pasta: envie uma."),
    "studio.run": Phrase("Name of the run", "Nome do treino"),
    "studio.run.help": Phrase(
        "the same name and settings go on where a run was stopped",
        "o mesmo nome e as mesmas opções continuam um treino parado",
    ),
    "studio.train": Phrase("Train", "Treinar"),
    "studio.train.empty": Phrase(
        "Choose what to learn from. The curves appear here while it learns, and the page may be "
        "closed meanwhile.",
        "Escolha com que aprender. As curvas aparecem aqui durante o treino, e a página pode ser "
        "fechada nesse tempo.",
    ),
    "studio.trained": Phrase("Trained: {run}", "Treinado: {run}"),
    "studio.unfinished": Phrase("Stopped: {run}", "Parado: {run}"),
    "studio.go.on": Phrase("Go on", "Continuar"),
    "studio.report": Phrase("Open the report", "Abrir o relatório"),
    "studio.loss": Phrase("Loss in training", "Perda no treino"),
    "studio.model": Phrase("Model", "Modelo"),
    "studio.model.none": Phrase(
        "No model of this kind yet: train one under Learn.",
        "Ainda não há modelo deste tipo: treine um em Aprender.",
    ),
    "studio.try": Phrase("Try a picture", "Testar uma imagem"),
    "studio.try.empty": Phrase(
        "Choose a model and drop a picture: what it says stands here.",
        "Escolha um modelo e solte uma imagem: o que ele diz aparece aqui.",
    ),
    # Generate
    "studio.generate.empty": Phrase(
        "Choose a model; new pictures stand here.",
        "Escolha um modelo; as novas imagens aparecem aqui.",
    ),
    "studio.generate.start": Phrase("Make pictures", "Fazer imagens"),
    "studio.count": Phrase("How many", "Quantas"),
    "studio.temperature": Phrase("How far from the usual", "Quão longe do comum"),
    "studio.temperature.help": Phrase(
        "1 is what was learned, less is tamer", "1 é o que foi aprendido; menos é mais contido"
    ),
    "studio.seed": Phrase("Which ones", "Quais"),
    "studio.seed.help": Phrase(
        "the same number makes the same pictures", "o mesmo número faz as mesmas imagens"
    ),
    "studio.explore": Phrase("Walk through what it has learned", "Passear pelo que ela aprendeu"),
    "studio.explore.help": Phrase(
        "Each slider is a direction among all pictures that it can make.",
        "Cada controle é uma direção entre todas as imagens que ela pode fazer.",
    ),
    "studio.direction.1": Phrase("Direction 1", "Direção 1"),
    "studio.direction.2": Phrase("Direction 2", "Direção 2"),
    "studio.direction.3": Phrase("Direction 3", "Direção 3"),
    "studio.direction.4": Phrase("Direction 4", "Direção 4"),
    "studio.direction.5": Phrase("Direction 5", "Direção 5"),
    "studio.samples": Phrase("Many at once", "Várias de uma vez"),
    "studio.one": Phrase("One, by hand", "Uma, à mão"),
    "studio.learn": Phrase("Learn", "Aprender"),
    # Pack
    "studio.pack.empty": Phrase(
        "Choose a folder: what it weighs before and after, and how a picture looks, stands here.",
        "Escolha uma pasta: quanto ela pesa antes e depois, e como fica uma imagem, aparece aqui.",
    ),
    "studio.pack.data": Phrase("Folder of pictures", "Pasta de imagens"),
    "studio.pack.start": Phrase("Pack", "Compactar"),
    "studio.quality": Phrase("Quality", "Qualidade"),
    "studio.quality.help": Phrase(
        "25 is small, 50 good, 75 hard to tell apart",
        "25 é pequeno, 50 é bom, 75 é difícil de distinguir",
    ),
    "studio.pack.before": Phrase("before", "antes"),
    "studio.pack.after": Phrase("after", "depois"),
    "studio.pack.share": Phrase("of what it was", "do que era"),
    "studio.pack.pictures": Phrase("pictures", "imagens"),
    "studio.pack.bpp": Phrase("{bits} bits per pixel.", "{bits} bits por pixel."),
    "studio.pack.files": Phrase(
        "Other files, which came along as they are: {count}",
        "Outros arquivos, que vieram como são: {count}",
    ),
    "studio.pack.again": Phrase(
        "The folder is made of it again, with pictures that look alike, by:",
        "A pasta é refeita a partir dele, com imagens de aparência igual, por:",
    ),
    # Runs and models
    "studio.runs.now": Phrase("At work and in line", "Em andamento e na fila"),
    "studio.runs.day": Phrase("Made in the last day", "Feito no último dia"),
    "studio.runs.models": Phrase("Trained here", "Treinados aqui"),
    "studio.runs.bundled": Phrase("Came with olhar", "Vieram com o olhar"),
    "studio.runs.nothing": Phrase("Nothing at the moment.", "Nada no momento."),
    "studio.runs.untrained": Phrase(
        "Nothing was trained here yet.", "Nada foi treinado aqui ainda."
    ),
    "studio.kind": Phrase("kind", "tipo"),
    "studio.learned": Phrase("learned from", "aprendeu com"),
    "studio.licence": Phrase("licence", "licença"),
    "studio.megabytes": Phrase("size", "tamanho"),
    "studio.model.file": Phrase("Download the model", "Baixar o modelo"),
    "studio.export": Phrase("Export as ONNX", "Exportar como ONNX"),
    "studio.exported": Phrase("Exported: {name}", "Exportado: {name}"),
    "studio.delete": Phrase("Delete", "Apagar"),
    "studio.delete.sure": Phrase("Delete {name} for good?", "Apagar {name} definitivamente?"),
    "studio.compare.choose": Phrase("Compare two", "Comparar dois"),
    "studio.compare.first": Phrase("The first", "O primeiro"),
    "studio.compare.second": Phrase("The second", "O segundo"),
    "studio.compare.start": Phrase("Compare", "Comparar"),
    "studio.compare.empty": Phrase(
        "Which of two is better, and whether by chance.",
        "Qual dos dois é melhor, e se por acaso.",
    ),
    "studio.state.waiting": Phrase("waiting", "aguardando"),
    "studio.state.running": Phrase("at work", "em andamento"),
    "studio.state.done": Phrase("done", "feito"),
    "studio.state.stopped": Phrase("stopped", "parado"),
    "studio.state.failed": Phrase("failed", "falhou"),
    # Inspect
    "studio.file": Phrase("A picture, a film or a model", "Uma imagem, um filme ou um modelo"),
    "studio.inspect.empty": Phrase(
        "Drop a file above. It is read and not run.",
        "Solte um arquivo acima. Ele é lido, e não executado.",
    ),
    "studio.verdict.trusted": Phrase("Trusted", "Confiável"),
    "studio.verdict.intact": Phrase("Intact, signer unknown", "Íntegro, autoria desconhecida"),
    "studio.verdict.altered": Phrase("Altered", "Alterado"),
    "studio.verdict.nothing": Phrase("Nothing declared", "Nada declarado"),
    "studio.verdict.model": Phrase("A model's card", "O cartão de um modelo"),
    # Log in
    "studio.login": Phrase("The studio's password", "A senha do estúdio"),
    "studio.login.enter": Phrase("Enter", "Entrar"),
    "studio.login.intro": Phrase(
        "This studio is on another machine. What you send goes there.",
        "Este estúdio está em outra máquina. O que você envia vai para lá.",
    ),
    # The token in the address
    "studio.key.title": Phrase("Open the studio's own address", "Abra o endereço do estúdio"),
    "studio.key.missing": Phrase(
        "The studio does not know this browser. Open the address that it printed when it was "
        "started, with all that follows the question mark:",
        "O estúdio não conhece este navegador. Abra o endereço que ele mostrou ao ser iniciado, "
        "com tudo o que vem depois do ponto de interrogação:",
    ),
    "studio.key.wrong": Phrase(
        "This address is not, or no longer, the right one. Open the one that the studio printed "
        "when it was last started, with all that follows the question mark:",
        "Este endereço não é, ou não é mais, o certo. Abra o que o estúdio mostrou ao ser iniciado "
        "pela última vez, com tudo o que vem depois do ponto de interrogação:",
    ),
    "studio.key.where": Phrase(
        "It stands in the terminal, and the file open.html in the studio's folder leads to it. "
        "So nobody else with an account on this computer can come in.",
        "Ele está no terminal, e o arquivo open.html na pasta do estúdio leva a ele. "
        "Assim, ninguém mais com uma conta neste computador consegue entrar.",
    ),
    "studio.key.anew": Phrase(
        "Each start makes a new address; bookmarks work again once it has been opened. If you "
        "cannot find it, close the studio and start it anew:",
        "Cada início cria um endereço novo; os favoritos voltam a funcionar depois que ele é "
        "aberto. Se não o encontrar, feche o estúdio e inicie-o de novo:",
    ),
    "studio.key.plain": Phrase(
        "Open the address that the studio printed when it was started; programs send its token, "
        "as the header Authorization: Bearer TOKEN.",
        "Abra o endereço que o estúdio mostrou ao ser iniciado; programas enviam o token dele, "
        "no cabeçalho Authorization: Bearer TOKEN.",
    ),
}
