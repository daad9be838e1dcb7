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
TOPICS = ["the money", "the test", "the price", "the party", "the trip", "the broken window", "the job", "the meeting", "the medicine",
          "the game"]

# Stereotypes: mild ones, fit for a classroom.
GROUPS = ["old people", "teenagers", "farmers", "nurses", "gamers", "artists", "tourists", "twins", "drivers", "football fans",
          "city people", "village people", "tall people", "short people", "boys", "girls", "men", "women", "left-handed people",
          "people with glasses", "poets", "dancers", "office workers", "dog owners", "cat owners", "students"]
SUBJECTS = {"technology": ["use a phone", "learn computers", "fix a laptop"], "money": ["save money", "pay on time", "handle money"],
            "driving": ["drive well", "park a car", "read a map"], "cooking": ["cook dinner", "bake bread", "make soup"],
            "school": ["pass a test", "learn math", "read long books"], "sport": ["run fast", "play football", "swim well"],
            "manners": ["be polite", "say sorry", "keep a promise"], "work": ["work hard", "lead a team", "be on time"],
            "feelings": ["stay calm", "be brave", "talk about feelings"], "music": ["sing well", "play the drum", "enjoy old songs"]}
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
