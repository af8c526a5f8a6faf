"""The table of scenarios: a name, how the stage is set up (keyword arguments of Lab), and a body."""

REG = {}


def sc(name, **kw):
    """Registers the decorated body under `name`; kw goes to Lab."""

    def deco(fn):
        REG[name] = (fn, kw)
        return fn

    return deco
