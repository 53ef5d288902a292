"""What can go wrong in the studio, in Portuguese: olhar says its errors in English alone.

The left side is the sentence as it stands in the code, with a {place} for each part that is filled
in; whoever rewords it there rewords it here, and tests/studio/test_told.py says so. What stands in
a place is put into the same place on the right, in Portuguese if `WORDS` or `ERRORS` knows it.
"""

from olhar.look.messages_errors_notes import NOTE_WORDS, NOTES
from olhar.look.messages_errors_swap import SWAP_ERRORS

WORDS: dict[str, str] = {
    **NOTE_WORDS,
    # What a file is instead
    "a PDF document": "um documento PDF",
    "an EPS or PostScript drawing": "um desenho EPS ou PostScript",
    "a Photoshop document": "um documento do Photoshop",
    "a GIMP document": "um documento do GIMP",
    "a JPEG XL picture": "uma imagem JPEG XL",
    "a high dynamic range picture": "uma imagem HDR",
    "a Windows icon": "um ícone do Windows",
    "a video": "um vídeo",
    "an archive": "um arquivo compactado",
    "a packed folder": "uma pasta compactada",
    "a Git LFS pointer": "um ponteiro do Git LFS",
    "a web page": "uma página da web",
    "an SVG drawing": "um desenho SVG",
    "export it as PNG first": "exporte-o como PNG primeiro",
    "export it as TIFF or PNG first": "exporte-o como TIFF ou PNG primeiro",
    "export it as TIFF first": "exporte-o como TIFF primeiro",
    "give it to a command that takes videos": "escolha uma página que aceite vídeos",
    "unpack it first": "descompacte-o primeiro",
    "make a folder of it with: olhar unpack": "faça dele uma pasta com: olhar unpack",
    "fetch the picture itself with: git lfs pull": "busque a própria imagem com: git lfs pull",
    "save the picture itself, not the page it is on": "salve a própria imagem, não a página dela",
    # What the system says
    "no space left on device": "não há espaço no disco",
    "disk quota exceeded": "a cota de disco acabou",
    "permission denied": "sem permissão",
    "read-only file system": "o disco só permite leitura",
    "no such file or directory": "não existe mais",
    "cannot allocate memory": "falta memória",
    # What a sentence says of something
    "a whole number": "um número inteiro",
    "a number": "um número",
    "sound but no": "som, mas nenhum",
    "no": "nenhum",
    "pictures and no classes": "imagens e nenhuma classe",
    "photo": "imagem",
    "file": "arquivo",
    ", perhaps for lack of memory": ", talvez por falta de memória",
}
"""What may stand in a place."""

ERRORS: dict[str, str] = {
    **SWAP_ERRORS,
    **NOTES,
    # A picture
    "{file} is {what}, not a picture that olhar reads; {advice}": (
        "{file} é {what}, não uma imagem que o olhar lê; {advice}"
    ),
    "{file} is a text, not a picture; give the name of a picture": (
        "{file} é um texto, não uma imagem; escolha uma imagem"
    ),
    "{file} is a camera raw file, not a picture that olhar reads; develop it to TIFF first": (
        "{file} é um arquivo raw de câmera, não uma imagem que o olhar lê; revele-o em TIFF "
        "primeiro"
    ),
    "{file} is a {kind} file whose header is damaged or of a rare kind; get it again from where "
    "it came from, or save it as PNG": (
        "{file} é um arquivo {kind} de cabeçalho danificado ou de um tipo raro; pegue-o de novo de "
        "onde veio ou salve-o como PNG"
    ),
    "{file} is in no picture format that olhar reads, whatever its name says; save it as JPEG, PNG "
    "or TIFF first": (
        "{file} não está em nenhum formato de imagem que o olhar lê, diga o nome o que disser; "
        "salve-o como JPEG, PNG ou TIFF primeiro"
    ),
    "{file} is damaged or cut short{why}; get it again from where it came from": (
        "{file} está danificado ou incompleto{why}; pegue-o de novo de onde veio"
    ),
    "{file} is empty (0 bytes); get it again from where it came from": (
        "{file} está vazio (0 bytes); pegue-o de novo de onde veio"
    ),
    "{file} has no pixels ({width} x {height}); get it again where it came from": (
        "{file} não tem pixels ({width} x {height}); pegue-o de novo de onde veio"
    ),
    "{file} has {width} x {height} pixels, more than the {most} that are allowed; make it smaller, "
    "or, where a command takes it, give --max-pixels {pixels}": (
        "{file} tem {width} x {height} pixels, mais que os {most} que são aceitos aqui; reduza a "
        "imagem, ou use a linha de comando com --max-pixels {pixels}"
    ),
    "{file} needs more memory than there is; make the picture smaller first": (
        "{file} precisa de mais memória do que há; reduza a imagem primeiro"
    ),
    "{file} is a HEIC picture, which needs one more package: pip install pillow-heif": (
        "{file} é uma imagem HEIC, que precisa de mais um pacote: pip install pillow-heif"
    ),
    "not enough memory for an image of {width} x {height} pixels; make it smaller or ask for a "
    "smaller result": (
        "não há memória para uma imagem de {width} x {height} pixels; reduza-a ou peça um "
        "resultado menor"
    ),
    "there is not enough memory for this; give smaller pictures or a smaller model": (
        "não há memória para isso; use imagens menores ou um modelo menor"
    ),
    "{file} is painted over more than {count} times, which takes very long to decode; do not use "
    "it": (
        "{file} é pintado por cima mais de {count} vezes, e decodificá-lo demora demais; não o use"
    ),
    # A film
    "what an earlier run left of this film is damaged; give the result another name": (
        "o que ficou de uma vez anterior deste filme está danificado; dê outro nome ao resultado"
    ),
    "{file} holds {found} video; choose a file with moving pictures, or copy it again if it should "
    "have them": (
        "{file} tem {found} vídeo; escolha um arquivo com imagens em movimento, ou copie-o de novo "
        "se ele devia tê-las"
    ),
    "the pictures in {file} have {size} pixels, and at most {most} are read; make them smaller": (
        "as imagens de {file} têm {size} pixels, e são lidas as de no máximo {most}; reduza-as"
    ),
    "{file} is a list of other files and not a video; give one of those": (
        "{file} é uma lista de outros arquivos, não um vídeo; escolha um deles"
    ),
    "{file} is cut off or damaged: its index, which cameras write last, cannot be read; copy it "
    "again from where it came": (
        "{file} está cortado ou danificado: o índice, que as câmeras escrevem por último, não pode "
        "ser lido; copie-o de novo de onde veio"
    ),
    "{file} is not a video that FFmpeg can read ({why}); copy it again from where it came, or "
    "convert it to MP4": (
        "{file} não é um vídeo que o FFmpeg consegue ler ({why}); copie-o de novo de onde veio, ou "
        "converta-o para MP4"
    ),
    "{file} is a picture ({kind}) and not a video; give it its right ending": (
        "{file} é uma imagem ({kind}), não um vídeo; dê a ele a terminação certa"
    ),
    "the pictures in {file} are in a format this FFmpeg cannot decode; copy the file again if it "
    "may be cut off, or convert it to H.264 first": (
        "as imagens em {file} estão num formato que este FFmpeg não decodifica; copie o arquivo de "
        "novo se ele pode estar cortado, ou converta-o para H.264 primeiro"
    ),
    "no frame of {file} can be decoded; copy it again from where it came": (
        "nenhum quadro de {file} pode ser decodificado; copie-o de novo de onde veio"
    ),
    "a {suffix} file cannot hold the sound of {file}, {kind}; end {target} in {other} instead": (
        "um arquivo {suffix} não comporta o som de {file}, {kind}; converta-o antes"
    ),
    "films are coloured without --hints and --variants; leave them out": (
        "filmes são coloridos sem dicas de cor e sem outras respostas"
    ),
    "{file} is in colour already, so it is left as it is; --again colours it anew": (
        "{file} já está em cores, e por isso fica como está"
    ),
    # Restyling
    "at size {size} the image would be {width} x {height} pixels; its shorter side needs at least "
    "{least}: choose a larger size or crop the image": (
        "no tamanho {size} a imagem teria {width} x {height} pixels; o lado menor precisa de pelo "
        "menos {least}: escolha um tamanho maior ou recorte a imagem"
    ),
    "a result of {width} x {height} pixels takes about {needed} GiB of memory, and this machine "
    "has {there}: choose a size of at most {most}": (
        "um resultado de {width} x {height} pixels ocupa cerca de {needed} GiB de memória, e esta "
        "máquina tem {there}: escolha um tamanho de no máximo {most}"
    ),
    "{style} is {width} x {height} pixels; a painting's shorter side needs at least {least}": (
        "{style} tem {width} x {height} pixels; o lado menor de uma pintura precisa de pelo menos "
        "{least}"
    ),
    "no style was given; at least one painting is needed": (
        "não há estilo; é preciso pelo menos uma pintura"
    ),
    "there is no style; choose a drawn one or give a painting": (
        "não há estilo; escolha um desenhado ou envie uma pintura"
    ),
    "pieces of {width} x {height} pixels cannot be taken of photographs of {side}; give larger "
    "photographs or --size {most}": (
        "não dá para tirar pedaços de {width} x {height} pixels de fotografias de {side}; envie "
        "fotografias maiores ou escolha o tamanho {most}"
    ),
    "pieces of {size} pixels show no style; give photographs with sides of at least {least} "
    "pixels, and a size of no less": (
        "pedaços de {size} pixels não mostram estilo; envie fotografias com lados de pelo menos "
        "{least} pixels, e escolha um tamanho não menor"
    ),
    "the state belongs to a restyling of another size, optimizer or number of iterations; give the "
    "image, styles and settings that it was made with": (
        "o que foi guardado é de uma estilização com outro tamanho, otimizador ou número de "
        "passos; comece de novo"
    ),
    "this restyling was done when it was stopped; there is nothing to add": (
        "esta estilização já estava pronta quando foi parada; não há o que acrescentar"
    ),
    "what was kept of the stopped restyling is damaged; begin anew": (
        "o que foi guardado da estilização parada está danificado; comece de novo"
    ),
    # Settings
    "{name} is {value}; it must be {kind} from {low} to {high}": (
        "{name} é {value}; precisa ser {kind} de {low} a {high}"
    ),
    "{name} is {value}; it can be {choices}": "{name} é {value}; pode ser {choices}",
    "size is {size}; it must be 0 or at least {least} pixels": (
        "o tamanho é {size}; precisa ser 0 ou pelo menos {least} pixels"
    ),
    "pictures of {size} x {same} pixels cannot be halved {count} times, once for each width; the "
    "size must be a multiple of {factor}": (
        "imagens de {size} x {same} pixels não podem ser reduzidas à metade {count} vezes; o "
        "tamanho precisa ser um múltiplo de {factor}"
    ),
    "pictures of size {size} with fit {fit} cannot be made; the size is from 1 to {most}, fit is "
    "{choices}": (
        "não é possível fazer imagens de tamanho {size} com ajuste {fit}; o tamanho vai de 1 a "
        "{most}, o ajuste é {choices}"
    ),
    # Pictures to learn from
    "there is nothing to learn from; send a folder first": (
        "não há com que aprender; envie uma pasta primeiro"
    ),
    "there is nothing to pack; send a folder first": (
        "não há o que compactar; envie uma pasta primeiro"
    ),
    "{folder} holds no pictures; give a folder that does": (
        "{folder} não tem imagens; escolha uma pasta que tenha"
    ),
    "there are no pictures in {folder}{why}; give a folder with pictures, or with a folder of "
    "pictures for each class": (
        "não há imagens em {folder}{why}; escolha uma pasta com imagens, ou com uma subpasta de "
        "imagens para cada classe"
    ),
    "{folder} holds pictures but no folder for each class; sort them into folders named after "
    "their classes, or give a table (CSV)": (
        "{folder} tem imagens, mas não uma subpasta para cada classe; separe-as em subpastas com o "
        "nome das classes, ou envie uma tabela (CSV)"
    ),
    "{folder} has {what}; a classifier needs two or more, each in its own folder": (
        "{folder} tem {what}; um classificador precisa de duas ou mais classes, cada uma na "
        "própria subpasta"
    ),
    "one class, {name}": "uma classe só, {name}",
    "{count} pictures, near-duplicates taken as one, cannot be split; give more": (
        "{count} imagens, contando quase iguais como uma, não podem ser divididas; envie mais"
    ),
    "there are only pictures for {parts}, none to train with; add a folder train, or rows whose "
    "split is train": (
        "só há imagens para {parts}, nenhuma para treinar; acrescente uma subpasta train, ou "
        "linhas cuja coluna split seja train"
    ),
    "none of {count} pictures can be read: {why}": (
        "nenhuma das {count} imagens pode ser lida: {why}"
    ),
    "{folder} says numbers of its pictures; run olhar train regressor, or --task class if they "
    "stand for classes": (
        "{folder} diz números das imagens, e aqui se aprendem classes; use olhar train regressor "
        "na linha de comando"
    ),
    # A training
    "a run's name has letters, digits, spaces, dots and dashes": (
        "o nome de um treino tem letras, algarismos, espaços, pontos e hífens"
    ),
    "{name} is no name of a run; use letters, digits, dots and dashes": (
        "{name} não serve de nome para um treino; use letras, algarismos, pontos e hífens"
    ),
    "the run was begun with {before}, and {now} is asked for; ask for the same to go on, or give "
    "another folder to begin anew": (
        "o treino começou com {before}, e agora é pedido {now}; peça o mesmo para continuar, ou dê "
        "outro nome para começar de novo"
    ),
    "the run holds a training of kind {before}, and {now} is asked for; give another folder": (
        "esse treino é do tipo {before}, e agora é pedido {now}; dê outro nome"
    ),
    "the data is not the data that the run began with; restore it to go on, or give another folder "
    "to begin anew": (
        "as imagens não são as mesmas com que o treino começou; ponha-as de volta para continuar, "
        "ou dê outro nome para começar de novo"
    ),
    "another process is training in {run}; wait for it, or give another folder": (
        "outro processo está treinando em {run}; espere, ou dê outro nome"
    ),
    "{run} is a folder with other things in it; give the name of a new one": (
        "{run} é uma pasta com outras coisas; dê um nome novo"
    ),
    # Models
    "there is no such model here; train one first": ("não há esse modelo aqui; treine um primeiro"),
    "there is no {name} here; choose one of the list": ("não há {name} aqui; escolha um da lista"),
    "{first} is a {kind} and {second} a {other}; only models of one kind can be compared": (
        "{first} é um {kind} e {second} um {other}; só modelos do mesmo tipo podem ser comparados"
    ),
    "{name} was trained on {data}, which is not there now; put it back, or give DATA: where it is, "
    "or other data of the same form": (
        "{name} foi treinado com {data}, que não está mais lá; ponha-o de volta, ou dê DATA: onde "
        "está, ou outros dados da mesma forma"
    ),
    "{first} and {second} would be measured on different pictures; give --data that neither was "
    "trained on; --split all counts what they learned from too": (
        "{first} e {second} seriam medidos com imagens diferentes; na linha de comando, dê a ambos "
        "--data que nenhum viu no treino; --split all conta também o que aprenderam"
    ),
    'an export needs {package}, which is not installed: pip install "olhar[fast]"': (
        'para exportar falta {package}: pip install "olhar[fast]"'
    ),
    "{model}, of kind {kind}, is not exported: {why}": (
        "{model}, do tipo {kind}, não é exportado: {why}"
    ),
    "{name} is being trained or used; stop that first": (
        "{name} está sendo treinado ou usado; pare isso primeiro"
    ),
    "{file} is no safetensors file, or is cut short; get it again": (
        "{file} não é um arquivo safetensors, ou está incompleto; pegue-o de novo"
    ),
    "{file} holds tensors and no olhar card, so nothing says how to build it": (
        "{file} tem tensores e nenhum cartão do olhar, então nada diz como montá-lo"
    ),
    "{file} is damaged ({why}); get it again": "{file} está danificado ({why}); pegue-o de novo",
    "{file} is no ONNX file, or is cut short; export it again": (
        "{file} não é um arquivo ONNX, ou está incompleto; exporte-o de novo"
    ),
    "{file} holds no picture and no film": "{file} não tem imagem nem filme",
    # Consent, and faces
    "faces are swapped only with the consent of those who are shown; give their record as "
    "--consent consent.json (olhar consent makes one)": (
        "rostos só são trocados com o consentimento de quem aparece; registre-o ou escolha o "
        "registro"
    ),
    "a face swap is learned of people who agreed to it; record that with olhar consent, and give "
    "the record with --consent": (
        "uma troca de rostos é aprendida de pessoas que concordaram; registre o consentimento e "
        "escolha o registro"
    ),
    "the consent is {name}'s alone, and a face swap learns two people; make a record with olhar "
    "consent that names both": (
        "o consentimento é só de {name}, e uma troca de rostos aprende duas pessoas; faça um "
        "registro com as duas"
    ),
    "the consent ended on {until}; ask again and make a new record with olhar consent": (
        "o consentimento terminou em {until}; pergunte de novo e faça um novo registro"
    ),
    "the consent is for {scope}, and not for {asked}; ask for that too and make a new record with "
    "olhar consent": (
        "o consentimento vale para {scope}, e não para {asked}; pergunte também por isso e faça um "
        "novo registro"
    ),
    "the consent does not name {name}; it names {names}": (
        "o consentimento não inclui {name}; inclui {names}"
    ),
    "{file} is not the file that it was when the consent was recorded; put the right one back, or "
    "make a new record with olhar consent": (
        "{file} não é mais o mesmo arquivo de quando o consentimento foi registrado; ponha de "
        "volta o certo, ou faça um novo registro"
    ),
    "{file} is no record of a consent; make one with olhar consent -o {same}": (
        "{file} não é um registro de consentimento"
    ),
    "{model} does not say by whose consent it was trained, so it swaps no faces; train one with "
    "olhar train faceswap and a consent": (
        "{model} não diz com o consentimento de quem foi treinado, então não troca rostos; treine "
        "um com um consentimento"
    ),
    "{folder} has {count} faces, and a side of a face swap needs {least} at least, some hundreds "
    "to be good; olhar faces adds those of another film": (
        "{folder} tem {count} rostos, e cada lado de uma troca precisa de pelo menos {least}, e de "
        "algumas centenas para ficar bom; acrescente os de outro filme"
    ),
    "{folder} is no face set; olhar faces makes one of a film": (
        "{folder} não é um conjunto de rostos; faça um a partir de um filme"
    ),
    "{file} holds no picture and no film that olhar reads": (
        "{file} não tem imagem nem filme que o olhar leia"
    ),
    # The disk
    "{file} was not written: {why}; make room and run it again": (
        "{file} não foi salvo: {why}; libere espaço e tente de novo"
    ),
    "{file} cannot be written: {why}; choose another folder or name": (
        "{file} não pôde ser salvo: {why}"
    ),
    "{file} cannot be written: {why}; make room, and the same command goes on": (
        "{file} não pôde ser salvo: {why}; libere espaço e o mesmo treino continua"
    ),
    "decoded pictures cannot be kept in {folder}: {why}; make room, or set OLHAR_CACHE to a folder "
    "on another disk": (
        "as imagens decodificadas não cabem em {folder}: {why}; libere espaço, ou aponte "
        "OLHAR_CACHE para uma pasta em outro disco"
    ),
    "there is no room left on the disk of this machine": (
        "não há mais espaço no disco desta máquina"
    ),
    # What is noted beside a result
    "animated: the first of {count} frames was used": (
        "imagem animada: foi usado o primeiro de {count} quadros"
    ),
    "{count} pages: the first was used": "{count} páginas: foi usada a primeira",
    "{count} pictures in one file: the main one was used": (
        "{count} imagens em um arquivo: foi usada a principal"
    ),
    "its colour profile is broken or not for such a picture: taken for sRGB": (
        "o perfil de cor está quebrado ou não serve para esta imagem: foi tomada como sRGB"
    ),
    "only the upper 8 bits of its values were used": (
        "só os 8 bits superiores dos valores foram usados"
    ),
    "CMYK without a colour profile: its colours are a guess": (
        "CMYK sem perfil de cor: as cores são um palpite"
    ),
    "values from {low} to {high} were spread from black to white": (
        "os valores de {low} a {high} foram espalhados do preto ao branco"
    ),
    # The studio itself
    "two runs are compared; choose both": "a comparação é entre dois treinos; escolha os dois",
    "there is no picture in that folder; choose one with JPEG or PNG files": (
        "não há imagem nessa pasta; escolha uma com arquivos JPEG ou PNG"
    ),
    "this is more than the {most} MB that one may send at once": (
        "isto passa dos {most} MB que se pode enviar de uma vez"
    ),
    "one of the pictures is too large": "uma das imagens é grande demais",
    "there is no such page": "essa página não existe",
    "there is no such face": "esse rosto não existe",
    "there is no such file": "esse arquivo não existe",
    "there is no such model": "esse modelo não existe",
    "this is not the name of this server": "este não é o nome deste servidor",
    "a page of another site may not ask": "uma página de outro site não pode pedir isto",
    "this is no picture": "isto não é uma imagem",
    "{name} is no name that the studio takes": "{name} não é um nome que o estúdio aceita",
    "this file was not sent to the studio; choose it again": (
        "este arquivo não foi enviado ao estúdio; escolha-o de novo"
    ),
    "the sample is not drawn yet; wait a moment and try again": (
        "o exemplo ainda não está desenhado; espere um momento e tente de novo"
    ),
    "there is no {role}; choose one": "falta escolher: {role}",
    "{own} of your jobs are not done yet, and one may have {most}; wait for one, or stop one": (
        "{own} dos seus pedidos ainda não terminaram, e cada um pode ter {most}; espere um "
        "terminar, ou pare um"
    ),
    "too many jobs are in line; try again later": ("há pedidos demais na fila; tente mais tarde"),
    "there is no such job any more; results are kept for a day": (
        "esse pedido não existe mais; os resultados ficam guardados por um dia"
    ),
    "this job is not over; stop it first": "esse pedido ainda não terminou; pare-o primeiro",
    "this is somebody else's job": "esse pedido é de outra pessoa",
    "the studio was closed meanwhile; start it again": (
        "o estúdio foi fechado nesse meio-tempo; comece de novo"
    ),
    "it could not be started: {why}": "não foi possível iniciar: {why}",
    "its process ended with code {code}{why}; the studio goes on": (
        "o processo terminou com o código {code}{why}; o estúdio continua"
    ),
    "{what} (a defect of olhar; log.txt says where)": (
        "{what} (um defeito do olhar; log.txt diz onde)"
    ),
    "the password is wrong": "a senha está errada",
    "too many wrong passwords; wait {seconds} seconds": (
        "senhas erradas demais; espere {seconds} segundos"
    ),
}
"""Sentences in English to the same in Portuguese."""
