"""Word lists of Pebble's small world. Everything else is built from these."""

NAMES = """Ada Ben Cora Dan Ella Finn Gina Hugo Iris Jon Kira Leo Mia Nico Olga Pia Quinn Rosa Sam Tess
Uma Vic Wanda Yara Zoe Alma Bruno Dora Emil Fay
Abel Bea Carl Dina Edda Fred Greta Hans Ines Jack Kate Luis Maya Nora Otto Paul Ruth Saul Tina Ugo
Vera Walt Xenia Yuri Zara Anton Berta Claus Doris Egon
Agnes Boris Celia Dirk Elsa Felix Gerda Henry Ida Jonas Klara Lars Mona Nils Oskar Paula Ralf Sonja Tom Ursula
Viktor Willa Xander Yvonne Zeno Amber Basil Clara Derek Edith""".split()
MEN = set("""Ben Dan Finn Hugo Jon Leo Nico Quinn Sam Vic Bruno Emil Abel Carl Fred Hans Jack Luis Otto Paul Saul Ugo Walt Yuri Anton Claus
Egon Boris Dirk Felix Henry Jonas Lars Nils Oskar Ralf Tom Viktor Xander Zeno Basil Derek""".split())
TOWNS = "Oakford Millbrook Ashdale Rivermouth Stonebridge Larkhill Fernley Saltbay".split()
JOBS = "baker teacher nurse farmer driver painter gardener sailor tailor plumber cook doctor clerk singer writer guard".split()
PETS = "cat dog rabbit parrot goat pony hen turtle".split()
FOODS = "soup bread cheese pie rice fish cake salad pasta jam stew porridge".split()
HOBBIES = ["chess", "tennis", "cards", "football", "golf", "hockey", "darts", "bingo"]

# people an act is done to, and things that belong to them
PEOPLE = ["my sister", "my brother", "my neighbor", "my friend", "my boss", "my cousin", "my uncle", "my grandmother",
          "a stranger", "a classmate", "a customer", "a coworker", "the teacher", "the nurse", "the driver", "the baker",
          "the new boy", "the new girl", "an old man", "an old woman", "a tourist", "a child", "my aunt", "the guard"]
THINGS = ["bike", "phone", "book", "umbrella", "coat", "watch", "laptop", "guitar", "wallet", "notebook", "camera", "tent",
          "ladder", "lamp", "chair", "cup", "kite", "drum", "radio", "basket", "boat", "scarf", "hat", "bag"]
BAGS = ["purse", "wallet", "bag", "desk", "drawer", "coat", "jar", "box"]
PLACES = ["at the market", "in the park", "at school", "on the train", "in the library", "at the station", "by the river",
          "in the kitchen", "at the bank", "in the garden", "on the bridge", "in the shop", "on the beach", "in the yard"]
TIMES = ["on Monday", "last night", "after school", "this morning", "before lunch", "on Friday", "yesterday", "last week",
         "after work", "on Sunday", "at noon", "in the evening"]
TOPICS = ["the money", "the weather", "the test", "the price", "the party", "the trip", "the broken window", "the job",
          "the meeting", "the medicine", "the storm", "the game"]

# Verb frames. {p} a person, {o} a thing, {b} a bag, {a} an animal, {t} a topic, {f} food, {my} my/her/his.
# Frames that start with * are met in stories only, never in a question about right and wrong; frames that start
# with + are met in the classroom items only.
WRONG = ["stole {p}'s {o}", "took {p}'s {o} without asking", "*took money from {p}'s {b}", "lied to {p} about {t}",
         "*told {p} a lie about {t}", "broke {p}'s {o} on purpose", "broke {p}'s {o} and blamed a friend", "cheated {p} in a game",
         "*hid {p}'s {o} to be mean", "copied {p}'s homework", "read {p}'s diary in secret", "*laughed at {p} for being slow",
         "hit {p} with a stick", "pushed {p} into the mud", "*kicked {p}'s {a}", "threw stones at {p}'s {a}",
         "*left {p}'s {a} without food", "*spread a false story about {p}", "sold {p} a broken {o} as new",
         "charged {p} twice for the same {o}", "*kept the {o} that {p} had lost", "broke {my} promise to {p}",
         "*shouted at {p} for no reason", "told everyone {p}'s secret", "*blamed {p} for {my} mistake",
         "threw {p}'s {o} into the river", "*tore up {p}'s letter", "locked {p} in the cellar", "let {p} take the blame for {t}",
         "*made fun of {p}", "refused to pay {p} for the {o}", "damaged {p}'s {o} and ran away", "threatened {p} with a stick",
         "*tricked {p} into paying for the {o}", "*scratched {p}'s {o} with a key", "*poisoned {p}'s {a}", "*teased {p} about {t}",
         "*robbed {p} of a {o}", "*insulted {p}", "*burned {p}'s {o}", "*bullied {p}",
         "+broke into the house of {p}", "+sold {p}'s {o} without asking", "+took {p}'s {f} and lied about it",
         "+left {p} alone in the rain to be mean", "+made {p} pay for {my} mistake", "+read {p}'s letter to everyone",
         "+promised {p} help and ran away", "+pushed {p} out of the line",
         "*found {p}'s {o} and kept it", "+saw {p} fall and laughed", "promised {p} the {o} and gave it to someone else",
         "*borrowed {p}'s {o} and broke it on purpose", "+looked into {p}'s {b} in secret", "asked {p} for money with a lie"]
RIGHT = ["bought {p} a new {o}", "took {p}'s {o} to the repair shop", "*took {p} some {f}", "*told {p} the truth about {t}",
         "told {p} a funny story about {t}", "fixed {p}'s {o}", "*helped {p} look for the {o}", "thanked {p} for the {o}",
         "shared {my} {f} with {p}", "*returned the {o} that {p} had lost", "read a story to {p}", "*laughed with {p} about a joke",
         "pushed {p}'s cart out of the mud", "*fed {p}'s {a}", "threw a ball to {p}'s {a}", "left some {f} for {p}",
         "sold {p} a good {o} at a fair price", "*paid {p} back for the {o}", "kept {my} promise to {p}", "kept {p}'s secret",
         "waited for {p}", "asked {p} before using the {o}", "*visited {p} in the hospital", "cooked {f} for {p}",
         "*said sorry to {p} for {my} mistake", "taught {p} a new game", "*listened to {p}", "*gave {p} {my} seat on the bus",
         "opened the door for {p}", "*cleaned {p}'s {o}", "played a game with {p}", "did homework with {p}", "carried {p}'s {o} up the hill",
         "*invited {p} to dinner", "*repaired {p}'s {o} for free", "*rescued {p}'s {a}", "*comforted {p} after a bad day",
         "*lent {p} a {o}", "*praised {p}", "*protected {p}'s {o} from the rain", "*welcomed {p}",
         "+took {p}'s {a} to the park", "+told {p} about {my} mistake", "+made {f} for {p}", "+helped {p} out of the mud",
         "+paid {p} a fair price for the {o}", "+looked for {p}'s {a} in the rain", "+asked {p} for help with {t}",
         "+carried some {f} home for {p}",
         "*found {p}'s {o} and gave it back", "+saw {p} fall and ran to help", "promised {p} the {o} and gave it gladly",
         "*borrowed {p}'s {o} and brought it back clean", "+looked after {p}'s {a}", "asked {p} for help with the homework"]

# Stereotypes: mild ones, fit for a classroom.
GROUPS = ["old people", "teenagers", "farmers", "nurses", "gamers", "artists", "tourists", "twins", "drivers", "football fans",
          "city people", "village people", "tall people", "short people", "boys", "girls", "men", "women", "left-handed people",
          "people with glasses", "poets", "dancers", "office workers", "dog owners", "cat owners", "students"]
SUBJECTS = {"technology": ["use a phone", "learn computers", "fix a laptop"], "money": ["save money", "pay on time", "handle money"],
            "driving": ["drive well", "park a car", "read a map"], "cooking": ["cook dinner", "bake bread", "make soup"],
            "school": ["pass a test", "learn math", "read long books"], "sport": ["run fast", "play football", "swim well"],
            "manners": ["be polite", "say sorry", "keep a promise"], "work": ["work hard", "lead a team", "come on time"],
            "feelings": ["stay calm", "be brave", "show feelings"], "music": ["sing well", "play the drum", "enjoy old songs"]}
BAD_TRAITS = ["lazy", "rude", "slow", "boring", "weak", "selfish", "careless", "loud", "greedy", "messy", "stubborn", "clumsy"]

# Reviews: what is reviewed with its parts, and of what kind each is; adjectives must fit their noun
REVIEWED = {"film": ["story", "ending", "soundtrack", "opening"], "cafe": ["coffee", "cake", "waitress", "sandwich"],
            "hotel": ["room", "bed", "view", "breakfast"], "book": ["plot", "cover", "style", "ending"],
            "phone": ["screen", "camera", "battery", "speaker"], "tour": ["guide", "boat", "lunch", "bus"],
            "restaurant": ["soup", "waiter", "dessert", "menu"], "show": ["dance", "stage", "song", "singer"],
            "bike": ["seat", "frame", "bell", "basket"], "shop": ["owner", "selection", "cashier", "display"],
            "museum": ["guide", "collection", "garden", "tour"], "concert": ["band", "singer", "drummer", "hall"]}
PART_OF_KIND = {"food": "coffee cake sandwich breakfast lunch soup dessert".split(), "person": "waitress guide waiter owner cashier".split(), "performer": "singer band drummer".split(),
                "work": "story ending soundtrack opening plot cover style dance stage song selection menu view collection tour display garden".split(),
                "space": "room bed seat boat bus hall".split(), "thing": "screen camera battery speaker frame bell basket".split()}
GOOD_ANY = ["great", "good", "wonderful", "excellent", "fantastic", "amazing"]
BAD_ANY = ["terrible", "awful", "bad", "horrible", "disappointing", "dreadful"]
GOOD_OF = {"food": ["delicious", "tasty", "lovely", "perfect"], "person": ["charming", "friendly", "helpful", "polite"], "performer": ["charming", "brilliant", "talented", "impressive"],
           "work": ["charming", "brilliant", "delightful", "impressive", "lovely"], "space": ["comfortable", "lovely", "spotless"], "thing": ["perfect", "lovely", "impressive"]}
BAD_OF = {"food": ["disgusting", "tasteless", "nasty"], "person": ["rude", "unfriendly", "unhelpful", "useless"], "performer": ["dull", "boring", "untalented"],
          "work": ["dull", "boring", "poor"], "space": ["uncomfortable", "dirty", "shabby"], "thing": ["useless", "worthless", "poor"]}
RARE_GOOD = ["superb", "splendid", "marvelous", "fabulous", "terrific"]
RARE_BAD = ["lousy", "appalling", "atrocious", "abysmal", "pathetic"]
KIND_OF_PART = {part: kind for kind, parts in PART_OF_KIND.items() for part in parts}
KIND_OF_PART |= dict.fromkeys(REVIEWED, "any")  # any quality but no special one fits a whole
GOOD = sorted({w for words in GOOD_OF.values() for w in words} | set(GOOD_ANY))
BAD = sorted({w for words in BAD_OF.values() for w in words} | set(BAD_ANY))


def qualities(noun, good):
    """The adjectives that fit a noun of the reviews."""
    return (GOOD_ANY if good else BAD_ANY) + (GOOD_OF if good else BAD_OF).get(KIND_OF_PART.get(noun), [])


# Sentences for "same meaning" and "follows": subject, verb, object, place
ACTORS = ["baker", "teacher", "nurse", "farmer", "driver", "painter", "gardener", "sailor", "tailor", "cook", "doctor", "singer",
          "boy", "girl", "guard", "clerk"]
# past, participle, base; the same of a verb that says the same, or nothing; what can be so treated (nothing: all that there is)
VERBS = [("bought", "bought", "buy", "purchased", "purchased", "purchase", ""), ("found", "found", "find", "discovered", "discovered", "discover", ""),
         ("hid", "hidden", "hide", "concealed", "concealed", "conceal", ""), ("returned", "returned", "return", "gave back", "given back", "give back", ""),
         ("fixed", "fixed", "fix", "repaired", "repaired", "repair", "bike umbrella watch guitar camera tent ladder lamp chair kite drum basket boat box"),
         ("threw away", "thrown away", "throw away", "discarded", "discarded", "discard", "book umbrella coat watch camera lamp cup kite basket scarf hat bag box"),
         ("sold", "sold", "sell", "", "", "", ""), ("carried", "carried", "carry", "", "", "", ""), ("lost", "lost", "lose", "", "", "", ""),
         ("dropped", "dropped", "drop", "", "", "", "book umbrella coat watch guitar camera ladder lamp chair cup kite drum basket scarf hat bag box"),
         ("painted", "painted", "paint", "", "", "", "bike ladder lamp chair cup kite drum basket boat box"),
         ("cleaned", "cleaned", "clean", "", "", "", "bike umbrella coat watch camera tent ladder lamp chair cup drum boat bag box"),
         ("broke", "broken", "break", "", "", "", "umbrella watch guitar camera ladder lamp chair cup kite drum box"),
         ("borrowed", "borrowed", "borrow", "", "", "", "bike book umbrella coat watch guitar camera tent ladder lamp chair drum basket boat scarf hat bag")]
OBJECTS = ["bike", "book", "umbrella", "coat", "watch", "guitar", "camera", "tent", "ladder", "lamp", "chair", "cup", "kite", "drum",
           "basket", "boat", "scarf", "hat", "bag", "box"]
ADJ_SAME = {"big": "large", "small": "little"}
ADJS = ["big", "small", "old", "new", "red", "blue", "green", "white"]
KINDS = {"animal": ["cat", "dog", "rabbit", "parrot", "goat", "pony", "hen", "turtle"], "fruit": ["apple", "lemon", "plum", "pear"],
         "tool": ["hammer", "saw", "drill", "wrench"], "instrument": ["guitar", "drum", "flute", "trumpet"],
         "vehicle": ["bike", "car", "bus", "truck"], "flower": ["rose", "tulip", "daisy", "lily"]}
FIT_KINDS = {"animal": "bought found hid returned sold carried lost", "fruit": "bought found hid sold carried lost dropped threw_away",
             "tool": "bought found hid returned sold carried lost dropped borrowed", "instrument": "bought found hid returned sold carried lost borrowed cleaned",
             "vehicle": "bought found returned sold fixed painted cleaned borrowed", "flower": "bought found hid sold carried dropped threw_away"}

# Facts of the world: (question word group, key) -> value
COLORS = {"lemon": "yellow", "grass": "green", "snow": "white", "coal": "black", "blood": "red", "sky": "blue", "carrot": "orange",
          "plum": "purple", "chocolate": "brown", "elephant": "gray", "milk": "white", "cherry": "red", "frog": "green", "sun": "yellow"}
HOMES = {"fish": "water", "bird": "nest", "bee": "hive", "horse": "stable", "bear": "cave", "ant": "anthill", "fox": "den", "camel": "desert",
         "monkey": "jungle", "pig": "sty"}
BABIES = {"cat": "kitten", "dog": "puppy", "cow": "calf", "sheep": "lamb", "hen": "chick", "duck": "duckling", "horse": "foal",
          "lion": "cub", "frog": "tadpole", "goat": "kid"}
WORKPLACES = {"baker": "bakery", "teacher": "school", "nurse": "hospital", "farmer": "farm", "sailor": "ship", "cook": "kitchen",
              "gardener": "garden", "clerk": "office", "singer": "stage", "guard": "gate", "judge": "court", "librarian": "library"}
USES = {"hammer": "driving nails", "saw": "cutting wood", "knife": "slicing bread", "broom": "sweeping floors", "needle": "sewing cloth", "key": "opening doors",
        "pen": "writing letters", "brush": "painting walls", "spoon": "eating soup", "towel": "drying dishes", "camera": "taking pictures", "net": "catching fish"}
OPPOSITES = {"hot": "cold", "big": "small", "fast": "slow", "day": "night", "happy": "sad", "open": "closed", "early": "late",
             "wet": "dry", "full": "empty", "hard": "soft", "strong": "weak", "high": "low", "light": "dark", "young": "old"}
