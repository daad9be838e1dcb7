"""Verb frames of wrong and of harmless acts. Whatever fills them, nobody disputes which is which.

{p} a person, {o} a thing, {d} a device, {c} a thing of cloth or paper, {s} a small thing, {b} a bag, {a} an animal, {t} a topic, {f} food, {m} a warm meal,
{x} a mishap, {z} a reason to tease, {h} a task, {my} my/her/his. Frames that start with * are met in stories only, never in a question
about right and wrong; frames that start with + are met in the classroom items only.
"""
import lexicon as lx

DEVICES = "bike phone watch laptop guitar camera radio lamp".split()
CLOTH = "book notebook coat scarf hat kite".split()
MEALS = "soup rice fish pasta stew porridge".split()
MISHAPS = ["the broken window", "the missing money", "the spilled milk", "the lost key", "the mess in the kitchen", "the broken plate"]
TEASES = ["the old shoes", "the new glasses", "the lost game", "the torn coat", "the bad grade", "the new haircut"]
TASKS = ["the homework", "the cooking", "the heavy boxes", "the garden work", "the broken fence", "the dishes"]
SMALL = "phone book umbrella coat watch wallet notebook camera scarf hat bag".split()
FILLERS = {"o": lx.THINGS, "s": SMALL, "d": DEVICES, "c": CLOTH, "b": lx.BAGS, "a": lx.PETS, "t": lx.TOPICS, "f": lx.FOODS, "m": MEALS, "x": MISHAPS,
           "z": TEASES, "h": TASKS}

# By the kind of act, which says what excuses fit it.
WRONG = {
    "theft": ["stole {p}'s {o}", "took {p}'s {o} without asking", "*took money from {p}'s {b}", "*kept the {o} that {p} had lost", "*robbed {p} of a {s}",
              "+sold {p}'s {o} without asking", "*found {p}'s {o} and kept it", "+borrowed {p}'s {o} and sold it", "*ate {p}'s {f} without asking",
              "+took the {o} that {p} had paid for", "+broke into {p}'s house and took a {o}", "+took {p}'s {f} and lied about it"],
    "money": ["sold {p} a broken {d} as new", "charged {p} twice for the same {o}", "refused to pay {p} for the {o}", "*tricked {p} into paying for the {o}",
              "got money from {p} with a lie", "+gave {p} too little change on purpose", "*took {p}'s money and never sent the {o}",
              "+paid {p} with fake money for the {o}"],
    "games": ["cheated {p} in a game", "*looked at {p}'s cards during a game", "+moved a piece in secret in a game of chess with {p}"],
    "copying": ["copied {p}'s homework", "+copied {p}'s answers in the test"],
    "lying": ["lied to {p} about {t}", "*told {p} a lie about {t}", "*spread a false story about {p}", "+told the police a lie about {p}", "+said bad and false things about {p}"],
    "blaming": ["broke {p}'s {d} and blamed someone else", "*blamed {p} for {my} mistake", "let {p} take the blame for {x}", "+made {p} pay for {my} mistake",
                "damaged {p}'s {o} and ran away", "+lost {p}'s {o} and let others take the blame"],
    "damage": ["broke {p}'s {d} on purpose", "threw {p}'s {o} into the river", "*scratched {p}'s {d} with a key", "*burned {p}'s {c} on purpose", "*tore up {p}'s letter",
               "*borrowed {p}'s {d} and broke it on purpose", "+spilled paint on {p}'s {c} on purpose", "+cut {p}'s {c} to pieces", "*broke {p}'s window with a stone"],
    "violence": ["hit {p} with a stick", "pushed {p} into the mud", "threatened {p} with a stick", "locked {p} in the cellar", "*bullied {p}",
                 "+threw stones at {p}", "+pushed {p} down the stairs", "*hit {p} in a fit of anger", "+threw a cup at {p}"],
    "animals": ["threw stones at {p}'s {a}", "*kicked {p}'s {a}", "*left {p}'s {a} without food", "*poisoned {p}'s {a}", "+hit {p}'s {a} with a stick",
                "+locked {p}'s {a} in a dark shed"],
    "mocking": ["*laughed at {p} for being slow", "*made fun of {p}", "*shouted at {p} for no reason", "*insulted {p}", "*teased {p} about {z}",
                "+saw {p} fall and laughed", "called {p} bad names", "*hid {p}'s {s} to be mean", "+left {p} alone in the rain to be mean",
                "+told everyone to laugh at {p}", "sent {p} to the wrong house to be mean", "told mean jokes about {p}"],
    "snooping": ["read {p}'s diary in secret", "+looked into {p}'s {b} in secret", "*opened {p}'s letters in secret", "*listened at {p}'s door in secret",
                 "+read the messages on {p}'s phone in secret"],
    "telling": ["told everyone {p}'s secret", "+read {p}'s letter to everyone", "*showed everyone {p}'s diary", "+sold {p}'s secret to a newspaper"],
    "promises": ["promised {p} the {o} and gave it to someone else", "+promised {p} help with {h} and ran away", "*promised to pay {p} back and never did",
                 "told {p} to wait and never came back", "+took money from {p} for a promise and broke the promise"]}
RIGHT = ["bought {p} a new {o}", "took {p}'s {d} to the repair shop", "*took {p} some {f}", "*told {p} the truth about {t}", "told {p} a funny story about the trip",
         "fixed {p}'s {d}", "*helped {p} look for the {o}", "thanked {p} for the {o}", "shared {my} {f} with {p}", "*returned the {o} that {p} had lost",
         "gave {p} a good book to read", "*laughed with {p} about a joke", "pushed {p}'s cart out of the mud", "*fed {p}'s {a}", "threw a ball to {p}",
         "left some {f} for {p}", "sold {p} a good {o} at a fair price", "*paid {p} back for the {o}", "kept {my} promise to {p}", "kept {p}'s secret",
         "waited for {p}", "asked {p} before using the {o}", "*visited {p} in the hospital", "cooked {m} for {p}", "*said sorry to {p} for {my} mistake",
         "taught {p} a new game", "*listened to {p}", "*gave {p} {my} seat on the bus", "opened the door for {p}", "*cleaned {p}'s {d} for free",
         "played a game with {p}", "did homework with {p}", "carried {p}'s {o} up the hill", "*invited {p} to dinner", "*repaired {p}'s {d} for free",
         "*rescued {p}'s {a}", "*comforted {p} after a bad day", "*lent {p} a {o}", "*praised {p}", "*protected {p}'s {c} from the rain", "*welcomed {p}",
         "+told {p} about {my} mistake", "+made {m} for {p}", "+helped {p} out of the mud", "+paid {p} a fair price for the {o}", "+looked for {p}'s {a} in the rain",
         "+asked {p} for help with {h}", "+carried some {f} home for {p}", "*found {p}'s {o} and gave it back", "+saw {p} fall and ran to help",
         "promised {p} the {o} and handed it over gladly", "*borrowed {p}'s {d} and brought it back in time", "+looked after {p}'s {a}", "asked {p} for help with the homework",
         "+hit a ball over the fence to {p}", "+found a {o} and took it to {p}, who had lost it", "got money from {p} for honest work",
         "+gave {p} the right change for the {o}", "*took {p}'s money for the {o} and sent it at once", "+paid {p} with {my} own money for the {o}",
         "*looked at {p}'s cards after a game", "+copied a good recipe for {p}", "+told the police the truth about {p}", "sent {p} to the right house",
         "*told {p} about {x} and said sorry", "+said good and true things about {p}", "+lost a {o} of {my} own and asked {p} for help",
         "*broke {my} bread in two and gave {p} half", "*cut some flowers for {p}", "+painted {p}'s fence as a present", "*mended {p}'s window after a storm",
         "found a stick for {p} to walk with", "*locked the door at night to protect {p}", "+carried {p} up the stairs", "+passed {p} a cup of tea",
         "threw sticks for {p}'s dog to fetch", "*left {p}'s {a} some food", "+found {p}'s {a} in a dark shed and freed it", "called {p} a good friend",
         "*shouted good luck to {p}", "told {p} good jokes", "planned a party for {p} in secret", "*opened the window for {p}",
         "+looked into a {b} that {p} asked me to search", "*listened to a song with {p}", "+read the messages that {p} sent me", "told everyone how well {p} sings",
         "+read a funny story to everyone at {p}'s party", "*showed everyone the {o} that {p} had made", "+promised {p} help with {h} and came early",
         "*promised to pay {p} back and did", "told {p} to wait and came back soon", "+wrote to a newspaper to praise {p}"]
# Who goes to school, for acts that happen there.
PUPILS = ["a classmate", "my cousin", "my brother", "my sister", "the new boy", "the new girl", "my friend"]
AT_SCHOOL = {"copied {p}'s homework", "+copied {p}'s answers in the test", "did homework with {p}"}
KIND_OF = {frame: kind for kind, frames in WRONG.items() for frame in frames}
