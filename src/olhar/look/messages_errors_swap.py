"""What can go wrong on the page for face swaps, in Portuguese; see `messages_errors`."""

SWAP_ERRORS: dict[str, str] = {
    # Faces
    "{name} is no name of a face set; use letters, digits, spaces and dashes": (
        "{name} não serve como nome de um conjunto de rostos; use letras, números, espaços e hifens"
    ),
    "a face set needs a name, such as the first name of whom it shows": (
        "um conjunto de rostos precisa de um nome, como o primeiro nome de quem ele mostra"
    ),
    "the face set {name} is being worked on; wait until that is done": (
        "o conjunto de rostos {name} está em uso; espere até que isso termine"
    ),
    "there is no clip; choose films or photographs of one person": (
        "não há clipe; escolha filmes ou fotografias de uma pessoa"
    ),
    "no face was found; take a film or a photograph in which it fills more": (
        "nenhum rosto foi encontrado; use um filme ou uma fotografia em que ele seja maior"
    ),
    "no face was found in {name}": "nenhum rosto foi encontrado em {name}",
    "there is no face set {name}; choose one of the list": (
        "não há conjunto de rostos {name}; escolha um da lista"
    ),
    "there is no face set {name}; cut faces out in step 1": (
        "não há conjunto de rostos {name}; recorte rostos no passo 1"
    ),
    "a and b are the same face set; a swap needs two people": (
        "a e b são o mesmo conjunto de rostos; uma troca precisa de duas pessoas"
    ),
    "{name} is being learned from; stop that first": (
        "{name} está sendo usado em um treino; pare-o primeiro"
    ),
    "there is no such face": "não há tal rosto",
    # Consent
    "no face is learned or swapped without consent; write the record in step 2, or choose one that "
    "is there": (
        "nenhum rosto é aprendido nem trocado sem consentimento; escreva o registro no passo 2, ou "
        "escolha um que já existe"
    ),
    "there is no record of a consent in {name}; choose one of the list": (
        "não há registro de consentimento em {name}; escolha um da lista"
    ),
    "the evidence is missing: a signed letter, or a recording; choose the file": (
        "falta a prova: uma carta assinada, ou uma gravação; escolha o arquivo"
    ),
    "the consent names {name} twice; name each person once, and tell two of one name apart": (
        "o consentimento cita {name} duas vezes; cite cada pessoa uma vez, e distinga duas de "
        "mesmo nome"
    ),
    "a and b are both {folder}, and a face swap learns two people; give a face set of each": (
        "a e b são ambos {folder}, e uma troca de rostos aprende duas pessoas; dê um conjunto de "
        "rostos de cada uma"
    ),
    "a consent needs at least one person, and who gave it for each": (
        "um consentimento precisa de ao menos uma pessoa, e de quem o deu por cada uma"
    ),
    "say what was agreed to: learning the face, swapping it, publishing what came of it": (
        "diga com que se concordou: aprender o rosto, trocá-lo, publicar o resultado"
    ),
    "the last day is a day such as 2027-01-31; {given} was given": (
        "o último dia é um dia como 2027-01-31; foi dado {given}"
    ),
    "say until when the consent holds, as in 2027-01-31": (
        "diga até quando o consentimento vale, como em 2027-01-31"
    ),
    "the consent would have ended on {last} already; give a day to come": (
        "o consentimento já teria terminado em {last}; dê um dia que ainda virá"
    ),
    "none of these files is a record of a consent; send its consent.json": (
        "nenhum destes arquivos é um registro de consentimento; envie o seu consent.json"
    ),
    "the record names its evidence, {name}; send that file together with it": (
        "o registro cita a sua prova, {name}; envie esse arquivo junto com ele"
    ),
    "{name} is not the evidence of this record: its contents are others; send the file that was "
    "there when the consent was recorded": (
        "{name} não é a prova deste registro: o conteúdo é outro; envie o arquivo que havia quando "
        "o consentimento foi registrado"
    ),
    "the evidence that the record names lies too far away; make a record whose evidence is beside "
    "it": (
        "a prova que o registro cita está longe demais; faça um registro com a prova ao lado dele"
    ),
    "{model} was trained by the consent {trained}..., and {file} is {given}...; give the record it "
    "was trained with, behind a newer one if there is one": (
        "{model} foi treinado com o consentimento {trained}..., e {file} é {given}...; escolha o "
        "registro com que foi treinado, ou faça um novo com as mesmas pessoas"
    ),
    # What has to be done before
    "No faces yet: cut them out in step 1.": "Ainda sem rostos: recorte-os no passo 1.",
    "No face is learned or swapped without consent: write the record in step 2.": (
        "Nenhum rosto é aprendido nem trocado sem consentimento: escreva o registro no passo 2."
    ),
    "A and B are the same face set, and a swap needs two people: choose another in step 1.": (
        "A e B são o mesmo conjunto de rostos, e uma troca precisa de duas pessoas: escolha outro "
        "no passo 1."
    ),
    "There is no model yet: train one in step 3.": "Ainda não há modelo: treine um no passo 3.",
    "Drop a film or a photograph first.": "Solte primeiro um filme ou uma fotografia.",
    # Swapping
    "the visible label may only be left out where the consent says why the work is evidently "
    "artistic, and this one does not; leave the label on": (
        "o rótulo visível só pode ser retirado quando o consentimento diz por que a obra é "
        "evidentemente artística, e este não diz; deixe o rótulo"
    ),
    "{file} shows no face that is swapped, so it is left as it is": (
        "{file} não mostra nenhum rosto a ser trocado, e fica como está"
    ),
    "{file} shows no face that is swapped ({people}), so it is left as it is": (
        "{file} não mostra nenhum rosto a ser trocado ({people}), e fica como está"
    ),
    "{file} shows no face that is swapped ({people}), so it is left as it is; --person N swaps "
    "person N, if it is one of those who agreed": (
        "{file} não mostra nenhum rosto a ser trocado ({people}), e fica como está; --person N "
        "troca a pessoa N, se for uma das que concordaram"
    ),
    "person {number}: {faces}, first in frame {frame} at {x}, {y}": (
        "pessoa {number}: {faces}, primeiro no quadro {frame} em {x}, {y}"
    ),
    "person {number}: {faces}": "pessoa {number}: {faces}",
    "{count} frames were there from a run that stopped": (
        "{count} quadros já estavam prontos de um pedido que parou"
    ),
}
"""Sentences in English to the same in Portuguese."""
