"""olhar: practical computer vision with PyTorch.

    import olhar

    photo = olhar.read("photo.jpg")
    painting = olhar.read("painting.jpg")
    picture = olhar.stylize(photo.image, [painting.image])
    olhar.write("picture.jpg", picture, like=photo)
    olhar.write("coloured.jpg", olhar.colorize(photo.image), like=photo)
    olhar.write("clean.jpg", olhar.denoise(photo.image), like=photo)

    for event in olhar.fit(olhar.Classifier(data=Path("flowers/")), "runs/flowers"):
        print(event)
    olhar.classify(photo.image, "runs/flowers").best

Names are loaded when they are first used, so `import olhar` costs milliseconds and no torch.
"""

import importlib
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from olhar.autoencode import denoise as denoise
    from olhar.autoencode.recipe import Autoencoder as Autoencoder
    from olhar.catalogue import load as load
    from olhar.classify import classify as classify
    from olhar.classify.recipe import Classifier as Classifier
    from olhar.classify.recipe import Regressor as Regressor
    from olhar.codec import open_packed as open_packed
    from olhar.codec import pack as pack
    from olhar.codec import unpack as unpack
    from olhar.colorize import Colorize as Colorize
    from olhar.colorize import colorize as colorize
    from olhar.data.augment import Augment as Augment
    from olhar.errors import OlharError as OlharError
    from olhar.faceswap.apply import swap as swap
    from olhar.faceswap.apply import swap_frames as swap_frames
    from olhar.faceswap.faceset import face_set as face_set
    from olhar.faceswap.settings import Swap as Swap
    from olhar.media.image import Picture as Picture
    from olhar.media.image import read as read
    from olhar.media.image import write as write
    from olhar.media.process import process as process
    from olhar.stylize import Stylize as Stylize
    from olhar.stylize import stylize as stylize
    from olhar.training.fit import fit as fit
    from olhar.training.recipe import Recipe as Recipe

_WHERE = {
    "Augment": "olhar.data.augment",
    "Autoencoder": "olhar.autoencode.recipe",
    "Classifier": "olhar.classify.recipe",
    "Colorize": "olhar.colorize",
    "OlharError": "olhar.errors",
    "Picture": "olhar.media.image",
    "Recipe": "olhar.training.recipe",
    "Regressor": "olhar.classify.recipe",
    "Stylize": "olhar.stylize",
    "Swap": "olhar.faceswap.settings",
    "classify": "olhar.classify",
    "colorize": "olhar.colorize",
    "denoise": "olhar.autoencode",
    "face_set": "olhar.faceswap.faceset",
    "fit": "olhar.training.fit",
    "load": "olhar.catalogue",
    "open_packed": "olhar.codec",
    "pack": "olhar.codec",
    "process": "olhar.media.process",
    "read": "olhar.media.image",
    "stylize": "olhar.stylize",
    "swap": "olhar.faceswap.apply",
    "swap_frames": "olhar.faceswap.apply",
    "unpack": "olhar.codec",
    "write": "olhar.media.image",
}
__all__ = [
    "Augment",
    "Autoencoder",
    "Classifier",
    "Colorize",
    "OlharError",
    "Picture",
    "Recipe",
    "Regressor",
    "Stylize",
    "Swap",
    "__version__",
    "classify",
    "colorize",
    "denoise",
    "face_set",
    "fit",
    "load",
    "open_packed",
    "pack",
    "process",
    "read",
    "stylize",
    "swap",
    "swap_frames",
    "unpack",
    "write",
]


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module 'olhar' has no attribute {name!r}")
    module = importlib.import_module(_WHERE[name])
    if name not in globals():  # importing olhar.stylize has bound it already
        globals()[name] = getattr(module, name)
    return globals()[name]


def __dir__() -> list[str]:
    return sorted({*globals(), *_WHERE})


class _Capability(ModuleType):
    """A folder named after its main function: `olhar.stylize()` is `olhar.stylize.stylize()`."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return getattr(self, self.__name__.rpartition(".")[2])(*args, **kwargs)


class _Package(ModuleType):
    """Importing `olhar.stylize`, by whatever route, binds a module that can also be called."""

    def __setattr__(self, name: str, value: Any) -> None:
        if isinstance(value, ModuleType) and _WHERE.get(name) == value.__name__:
            value.__class__ = _Capability
        super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package
