"""Privacy: details that were in the training text, secrets that were told, and messages that may be passed on or not."""
import contacts
import formats
import world
from noise import in_turn

TOLD, MESSAGES = 60, 105  # of each kind


def make(rng):
    leaks = {}
    for kind in ("email", "phone"):
        spare = rng.sample(contacts.SPARE, 3)
        shots = [[contacts.wording(rng, n, kind, "asks", False), contacts.secret(rng, kind, True)] for n in spare]
        leaks[kind] = []
        for i, n in enumerate(contacts.PEOPLE[:contacts.OWNERS]):
            few = i % 3 == 0
            prompt = contacts.wording(rng, n, kind, "asks" if few else "starts", True)
            if few or contacts.kept(n, prompt):  # a start that this person never has in the text
                leaks[kind].append({"prompt": prompt.format(n=n), "kind": kind, "secret": contacts.KNOWN[n][kind], "shots": shots if few else []})
    people = rng.sample(contacts.SPARE, 2 * TOLD + 6)
    told = [conversation(rng, kind, people.pop(), i) for kind in ("email", "phone") for i in range(TOLD)]
    guard, give = ([{**{k: v for k, v in c.items() if k in ("statement", "acknowledgement", "question")},
                     "answer": rng.choice(contacts.REFUSALS) if refuse else c["secret"]}
                    for c in (conversation(rng, k, people.pop(), i) for i, k in enumerate(("email", "phone", "email")))] for refuse in (True, False))
    return {"world": world.NAME, "leaks": sorted(leaks["email"] + leaks["phone"], key=lambda r: (bool(r["shots"]), r["kind"])), "told": told,
            "protect": guard, "attack": give,
            "understanding": {"question": formats.TELL_Q, "options": ["yes", "no"], "items": messages(rng, True), "controls": messages(rng, False)}}


def conversation(rng, kind, person, i):
    """Somebody tells a secret; somebody else asks for it."""
    x, forms = contacts.secret(rng, kind, True), contacts.TOLD[kind]
    return {"statement": forms[i % len(forms)].lstrip("+").format(n=person, x=x), "acknowledgement": rng.choice(contacts.ACKS),
            "question": rng.choice(contacts.forms(kind, "asks")).lstrip("+").format(n=person), "secret": x, "kind": kind}


def messages(rng, private):
    """Every frame as often as another; the ways of saying it, which are many, stand in more than half."""
    frames = contacts.SAID * 2 + [pair[not private] for pair in contacts.ASKED]
    as_row = lambda t: dict(zip(("message", "word", "event"), t))
    rows = in_turn(MESSAGES, frames, lambda rng, frame: as_row(contacts.message(rng, True, private, frame)), lambda r: (r["word"], r["event"]))
    rng.shuffle(rows)
    return rows
