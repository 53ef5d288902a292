"""What the studio's page for face swaps says, in both languages."""

from olhar.look.phrase import Phrase

SWAP: dict[str, Phrase] = {
    "studio.page.swap": Phrase("Swap", "Trocar rostos"),
    "studio.about.swap": Phrase(
        "Two people who agreed trade faces in a film. Four steps: their faces, their consent, a "
        "training of some hours, the swap.",
        "Duas pessoas que concordaram trocam de rosto em um filme. Quatro passos: os rostos, o "
        "consentimento, um treino de algumas horas, a troca.",
    ),
    "studio.swap.step.faces": Phrase("1 Faces", "1 Rostos"),
    "studio.swap.step.consent": Phrase("2 Consent", "2 Consentimento"),
    "studio.swap.step.train": Phrase("3 Training", "3 Treino"),
    "studio.swap.step.swap": Phrase("4 Swap", "4 Troca"),
    "studio.swap.to.consent": Phrase("On to the consent", "Seguir para o consentimento"),
    "studio.swap.to.train": Phrase("On to the training", "Seguir para o treino"),
    "studio.swap.to.swap": Phrase("On to the swap", "Seguir para a troca"),
    "studio.job.faces": Phrase("Cutting faces out", "Recorte de rostos"),
    "studio.job.choose": Phrase("Sorting faces", "Seleção de rostos"),
    "studio.job.preview": Phrase("Trying one frame", "Teste de um quadro"),
    "studio.job.swap": Phrase("Swapping faces", "Troca de rostos"),
    # Faces
    "studio.faces.intro": Phrase(
        "Films teach more than photographs: a minute of each person, talking and turning the "
        "head, in the light of the film that is to be swapped. Everything stays on this machine.",
        "Filmes ensinam mais que fotografias: um minuto de cada pessoa, falando e virando a "
        "cabeça, na luz do filme em que se fará a troca. Tudo fica nesta máquina.",
    ),
    "studio.faces.a": Phrase("Person A", "Pessoa A"),
    "studio.faces.b": Phrase("Person B", "Pessoa B"),
    "studio.faces.clips": Phrase("Films or photographs", "Filmes ou fotografias"),
    "studio.faces.set": Phrase("Face set", "Conjunto de rostos"),
    "studio.faces.set.help": Phrase(
        "choose one that is there, or type a new name",
        "escolha um que já existe ou digite um nome novo",
    ),
    "studio.faces.start": Phrase("Cut the faces out", "Recortar os rostos"),
    "studio.faces.most": Phrase("Faces of each film, at most", "Rostos de cada filme, no máximo"),
    "studio.faces.most.help": Phrase(
        "of a long film only every few frames are taken; 500 to 5,000 train well",
        "de um filme longo são usados só alguns quadros; de 500 a 5.000 treinam bem",
    ),
    "studio.faces.empty": Phrase(
        "Drop films or photographs of this person above. Each face is shown here, and wrong ones "
        "can be taken out.",
        "Solte acima filmes ou fotografias desta pessoa. Cada rosto aparece aqui, e os errados "
        "podem ser retirados.",
    ),
    "studio.faces.cutting": Phrase("Looking for faces", "Procurando rostos"),
    "studio.faces.people": Phrase("Telling people apart", "Distinguindo as pessoas"),
    "studio.faces.stopped": Phrase(
        "Stopped. What was cut out so far is kept.", "Parado. O que já foi recortado está guardado."
    ),
    "studio.faces.count": Phrase("faces in the set: {count}", "rostos no conjunto: {count}"),
    "studio.faces.none": Phrase("No face here.", "Nenhum rosto aqui."),
    "studio.faces.face": Phrase(
        "Face of person {person}, {source}, frame {frame}",
        "Rosto da pessoa {person}, {source}, quadro {frame}",
    ),
    "studio.faces.in": Phrase("In the set: {count}", "No conjunto: {count}"),
    "studio.faces.out": Phrase("Left out: {count}", "Fora: {count}"),
    "studio.faces.order": Phrase("Order", "Ordem"),
    "studio.faces.order.time": Phrase("In time", "No tempo"),
    "studio.faces.order.sharp": Phrase("Blurred first", "Borrados primeiro"),
    "studio.faces.order.yaw": Phrase("Left to right", "Da esquerda à direita"),
    "studio.faces.remove": Phrase("Take the ticked ones out", "Retirar os marcados"),
    "studio.faces.back": Phrase("Bring the ticked ones back", "Trazer de volta os marcados"),
    "studio.faces.earlier": Phrase("Earlier", "Anteriores"),
    "studio.faces.later": Phrase("More", "Mais"),
    "studio.faces.shown": Phrase("{first} to {last} of {count}", "{first} a {last} de {count}"),
    "studio.faces.tick": Phrase(
        "Tick what does not belong: somebody else, a hand before the face, no face at all. With "
        "Shift a click ticks all from the last one on.",
        "Marque o que não pertence: outra pessoa, uma mão diante do rosto, o que não é rosto. Com "
        "Shift um clique marca todos desde o último.",
    ),
    "studio.faces.who": Phrase(
        "Several people are in it. Who is it?", "Há várias pessoas. Quem é?"
    ),
    "studio.faces.person": Phrase("Person {number}: {count}", "Pessoa {number}: {count}"),
    "studio.faces.only": Phrase("Keep only person {number}", "Ficar só com a pessoa {number}"),
    "studio.faces.chosen": Phrase(
        "Only person {number} stays; others are left out, also of clips that come later.",
        "Só fica a pessoa {number}; as outras ficam fora, também nos próximos clipes.",
    ),
    "studio.faces.everyone": Phrase("Take everybody in again", "Voltar a incluir todos"),
    "studio.faces.delete": Phrase("Delete the set", "Apagar o conjunto"),
    "studio.faces.by.person": Phrase("someone else", "outra pessoa"),
    "studio.faces.by.hand": Phrase("by hand", "à mão"),
    "studio.faces.sides": Phrase("Which way they look", "Para onde olham"),
    "studio.faces.side.0": Phrase("left profiles", "perfis à esquerda"),
    "studio.faces.side.1": Phrase("half left", "meio à esquerda"),
    "studio.faces.side.2": Phrase("ahead", "de frente"),
    "studio.faces.side.3": Phrase("half right", "meio à direita"),
    "studio.faces.side.4": Phrase("right profiles", "perfis à direita"),
    "studio.faces.lacks.none": Phrase(
        "No face is left: bring some back, or film a face that fills more of the picture.",
        "Não sobrou nenhum rosto: traga alguns de volta ou filme um rosto maior na imagem.",
    ),
    "studio.faces.lacks.few": Phrase(
        "Few faces ({count}): 500 to 5,000 in several lights train a swap well.",
        "Poucos rostos ({count}): de 500 a 5.000, em várias luzes, treinam bem uma troca.",
    ),
    "studio.faces.lacks.left": Phrase(
        "Too few left profiles ({count}): film the head turning that way.",
        "Poucos perfis à esquerda ({count}): filme a cabeça virando para esse lado.",
    ),
    "studio.faces.lacks.right": Phrase(
        "Too few right profiles ({count}): film the head turning that way.",
        "Poucos perfis à direita ({count}): filme a cabeça virando para esse lado.",
    ),
    "studio.faces.lacks.up": Phrase(
        "Too few faces that look up ({count}).", "Poucos rostos que olham para cima ({count})."
    ),
    "studio.faces.lacks.down": Phrase(
        "Too few faces that look down ({count}).", "Poucos rostos que olham para baixo ({count})."
    ),
    "studio.faces.lacks.blurred": Phrase("{count} are blurred.", "{count} estão borrados."),
    "studio.faces.lacks.small": Phrase(
        "Most faces are small in the picture: come closer with the camera.",
        "A maioria dos rostos é pequena na imagem: aproxime a câmera.",
    ),
    "studio.faces.unblur": Phrase("Take the blurred ones out", "Retirar os borrados"),
    "studio.faces.good": Phrase(
        "Enough faces, from all sides.", "Rostos suficientes, de todos os lados."
    ),
    # Consent
    "studio.consent.intro": Phrase(
        "Nobody's face is learned or swapped without their word. The record names who agreed to "
        "what; it stays on this machine with the letter or recording that proves it, and what is "
        "made names it by a number only.",
        "O rosto de ninguém é aprendido nem trocado sem a sua palavra. O registro diz quem "
        "concordou com quê; fica nesta máquina com a carta ou a gravação que o prova, e o que é "
        "feito o cita apenas por um número.",
    ),
    "studio.consent.title": Phrase("Consent", "Consentimento"),
    "studio.consent.new": Phrase("Write a new record", "Escrever um registro novo"),
    "studio.consent.name.a": Phrase("Name of person A", "Nome da pessoa A"),
    "studio.consent.name.b": Phrase("Name of person B", "Nome da pessoa B"),
    "studio.consent.by": Phrase("Who agreed for them", "Quem concordou por ela"),
    "studio.consent.by.help": Phrase("empty: they did so themselves", "vazio: a própria pessoa"),
    "studio.consent.scope": Phrase("Agreed to", "Concordou com"),
    "choice.scope.train": Phrase("learning the face", "aprender o rosto"),
    "choice.scope.swap": Phrase("swapping it into pictures", "trocá-lo em imagens"),
    "choice.scope.publish": Phrase("publishing what came of it", "publicar o resultado"),
    "studio.consent.until": Phrase("Until, as the last day", "Até, como último dia"),
    "studio.consent.until.help": Phrase("such as 2027-01-31", "por exemplo 2027-01-31"),
    "studio.consent.evidence": Phrase(
        "The signed letter, or a recording", "A carta assinada, ou uma gravação"
    ),
    "studio.consent.artistic": Phrase(
        "Why the work is evidently artistic, satirical or fictional",
        "Por que a obra é evidentemente artística, satírica ou de ficção",
    ),
    "studio.consent.artistic.help": Phrase(
        "leave empty if it is not; only with a reason may the visible label be left out",
        "deixe vazio se não for; só com um motivo o rótulo visível pode ser retirado",
    ),
    "studio.consent.write": Phrase("Write the record", "Escrever o registro"),
    "studio.consent.have": Phrase(
        "Or a record that is there: consent.json and the letter",
        "Ou um registro que já existe: consent.json e a carta",
    ),
    "studio.consent.used": Phrase("The record that is used", "O registro que vale"),
    "studio.consent.none": Phrase(
        "No record yet. Nothing is learned or swapped without one.",
        "Ainda não há registro. Nada é aprendido nem trocado sem um.",
    ),
    "studio.consent.holds": Phrase("Holds until {until}", "Vale até {until}"),
    "studio.consent.not": Phrase("Does not hold", "Não vale"),
    "studio.consent.given": Phrase("given by {who}", "dado por {who}"),
    "studio.consent.for": Phrase("for", "para"),
    "studio.consent.on": Phrase("given on", "dado em"),
    "studio.consent.why": Phrase("artistic", "artístico"),
    "studio.consent.number": Phrase("number", "número"),
    "studio.consent.download": Phrase("Download the record", "Baixar o registro"),
    "studio.consent.delete": Phrase("Delete, as withdrawn", "Apagar, por retirada"),
    # Training
    "studio.swap.chosen": Phrase("What is learned", "O que é aprendido"),
    "studio.swap.faces": Phrase("{count} faces", "{count} rostos"),
    "studio.swap.missing.set": Phrase(
        "No faces yet: cut them out in step 1.", "Ainda sem rostos: recorte-os no passo 1."
    ),
    "studio.swap.missing.consent": Phrase(
        "No face is learned or swapped without consent: write the record in step 2.",
        "Nenhum rosto é aprendido nem trocado sem consentimento: escreva o registro no passo 2.",
    ),
    "studio.swap.missing.same": Phrase(
        "A and B are the same face set, and a swap needs two people: choose another in step 1.",
        "A e B são o mesmo conjunto de rostos, e uma troca precisa de duas pessoas: escolha outro "
        "no passo 1.",
    ),
    "studio.swap.missing.model": Phrase(
        "There is no model yet: train one in step 3.", "Ainda não há modelo: treine um no passo 3."
    ),
    "studio.swap.missing.photo": Phrase(
        "Drop a film or a photograph first.", "Solte primeiro um filme ou uma fotografia."
    ),
    "studio.swap.train.empty": Phrase(
        "Here stand the curve of the loss and, every few epochs, pictures: each person as filmed, "
        "rebuilt, and as the other. When the third row convinces, stop. The page may be closed "
        "meanwhile.",
        "Aqui aparecem a curva da perda e, a cada poucas épocas, imagens: cada pessoa como foi "
        "filmada, reconstruída e como a outra. Quando a terceira linha convencer, pare. A página "
        "pode ser fechada nesse tempo.",
    ),
    "studio.swap.row.rebuilt": Phrase("{who} rebuilt", "{who} reconstruído"),
    "studio.swap.row.as": Phrase("{who} as {other}", "{who} como {other}"),
    "measure.ssim_a": Phrase("likeness of A, SSIM", "semelhança de A, SSIM"),
    "measure.ssim_b": Phrase("likeness of B, SSIM", "semelhança de B, SSIM"),
    "measure.psnr_a": Phrase("PSNR of A, dB", "PSNR de A, dB"),
    "measure.psnr_b": Phrase("PSNR of B, dB", "PSNR de B, dB"),
    # Swap
    "studio.swap.model": Phrase("Trained model", "Modelo treinado"),
    "studio.swap.to": Phrase("Whose face is put in", "De quem é o rosto posto"),
    "studio.swap.to.a": Phrase("A's, in place of B's", "o de A, no lugar do de B"),
    "studio.swap.to.b": Phrase("B's, in place of A's", "o de B, no lugar do de A"),
    "studio.swap.label": Phrase("Visible label", "Rótulo visível"),
    "studio.swap.label.help": Phrase(
        "says on the picture that a machine made it; only what the consent calls artistic may "
        "be without",
        "diz na imagem que uma máquina a fez; só o que o consentimento chama de artístico pode "
        "ficar sem",
    ),
    "studio.swap.position": Phrase("Which frame to try", "Que quadro testar"),
    "studio.swap.position.help": Phrase(
        "from the beginning of the film to its end, in percent",
        "do começo do filme ao fim, em porcento",
    ),
    "studio.swap.preview": Phrase("Try one frame", "Testar um quadro"),
    "studio.swap.start": Phrase("Swap all of it", "Trocar tudo"),
    "studio.swap.empty": Phrase(
        "Drop a film or a photograph above and try one frame first: it takes seconds, the whole "
        "film takes longer.",
        "Solte acima um filme ou uma fotografia e teste antes um quadro: leva segundos; o filme "
        "inteiro leva mais.",
    ),
    "studio.swap.trying": Phrase("Swapping one frame", "Trocando um quadro"),
    "studio.swap.swapping": Phrase("Swapping frame by frame", "Trocando quadro a quadro"),
    "studio.swap.name": Phrase("The faces swapped", "Os rostos trocados"),
    "studio.swap.tried": Phrase(
        "One frame by itself. In the film faces are followed, which is steadier.",
        "Um quadro sozinho. No filme os rostos são seguidos, o que é mais firme.",
    ),
    "studio.swap.frames": Phrase(
        "{touched} of {frames} frames have a swapped face.",
        "{touched} de {frames} quadros têm um rosto trocado.",
    ),
    "studio.swap.by": Phrase(
        "The file says that a machine made it, by the consent {number}.",
        "O arquivo diz que uma máquina o fez, com o consentimento {number}.",
    ),
    "studio.swap.stopped": Phrase(
        "Stopped. Of a film of more than 500 frames what is done is kept for a day, some hundred "
        "frames at a time; a shorter one begins anew.",
        "Parado. De um filme com mais de 500 quadros, o que foi feito fica guardado por um dia, de "
        "algumas centenas em algumas centenas de quadros; um mais curto recomeça.",
    ),
}
