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

# Reviews
REVIEWED = {"film": ["story", "ending", "music", "acting"], "cafe": ["coffee", "cake", "service", "tea"],
            "hotel": ["room", "bed", "view", "breakfast"], "book": ["plot", "style", "cover", "writing"],
            "phone": ["screen", "sound", "battery", "price"], "tour": ["guide", "boat", "lunch", "bus"],
            "restaurant": ["soup", "waiter", "dessert", "menu"], "show": ["dancing", "stage", "light", "singer"],
            "bike": ["brake", "seat", "frame", "wheel"], "shop": ["staff", "choice", "owner", "bread"]}
GOOD = ["great", "lovely", "wonderful", "excellent", "charming", "fantastic", "perfect", "pleasant", "impressive", "brilliant",
        "beautiful", "good", "delightful", "amazing"]
BAD = ["terrible", "awful", "bad", "horrible", "disappointing", "poor", "ugly", "worthless", "dull", "dreadful", "nasty", "useless",
       "disgusting", "annoying"]
RARE_GOOD = ["superb", "splendid", "marvelous", "fine", "enjoyable", "fabulous"]
RARE_BAD = ["lousy", "miserable", "hopeless", "shabby", "unpleasant", "pathetic"]

# Sentences for "same meaning" and "follows": subject, verb, object, place
ACTORS = ["baker", "teacher", "nurse", "farmer", "driver", "painter", "gardener", "sailor", "tailor", "cook", "doctor", "singer",
          "boy", "girl", "guard", "clerk"]
# past, participle, synonym past, synonym participle
VERBS = [("bought", "bought", "purchased", "purchased"), ("fixed", "fixed", "repaired", "repaired"), ("found", "found", "discovered", "discovered"),
         ("sold", "sold", "", ""), ("cleaned", "cleaned", "washed", "washed"), ("hid", "hidden", "concealed", "concealed"),
         ("painted", "painted", "", ""), ("carried", "carried", "", ""), ("broke", "broken", "smashed", "smashed"), ("lost", "lost", "", "")]
OBJECTS = ["bike", "book", "umbrella", "coat", "watch", "guitar", "camera", "tent", "ladder", "lamp", "chair", "cup", "kite", "drum",
           "basket", "boat", "scarf", "hat", "bag", "box"]
ADJ_SAME = {"big": "large", "small": "little", "old": "ancient", "quick": "fast", "": ""}
ADJS = ["big", "small", "old", "new", "red", "blue", "green", "white"]
KINDS = {"animal": ["cat", "dog", "rabbit", "parrot", "goat", "pony", "hen", "turtle"], "fruit": ["apple", "lemon", "plum", "pear"],
         "tool": ["hammer", "saw", "ladder", "brush"], "instrument": ["guitar", "drum", "flute", "piano"],
         "vehicle": ["bike", "boat", "bus", "truck"], "flower": ["rose", "tulip", "daisy", "lily"]}

BASE = {"bought": "buy", "purchased": "purchase", "fixed": "fix", "repaired": "repair", "found": "find", "discovered": "discover",
        "sold": "sell", "cleaned": "clean", "washed": "wash", "hid": "hide", "concealed": "conceal", "painted": "paint",
        "carried": "carry", "broke": "break", "smashed": "smash", "lost": "lose"}

# Facts of the world: (question word group, key) -> value
COLORS = {"lemon": "yellow", "grass": "green", "snow": "white", "coal": "black", "blood": "red", "sky": "blue", "carrot": "orange",
          "plum": "purple", "chocolate": "brown", "elephant": "gray", "milk": "white", "cherry": "red", "frog": "green", "sun": "yellow"}
HOMES = {"fish": "water", "bird": "nest", "bee": "hive", "horse": "stable", "bear": "cave", "ant": "hill", "fox": "den", "camel": "desert",
         "monkey": "jungle", "pig": "sty"}
BABIES = {"cat": "kitten", "dog": "puppy", "cow": "calf", "sheep": "lamb", "hen": "chick", "duck": "duckling", "horse": "foal",
          "lion": "cub", "frog": "tadpole", "goat": "kid"}
WORKPLACES = {"baker": "bakery", "teacher": "school", "nurse": "hospital", "farmer": "farm", "sailor": "ship", "cook": "kitchen",
              "gardener": "garden", "clerk": "office", "singer": "stage", "guard": "gate", "judge": "court", "librarian": "library"}
USES = {"hammer": "nails", "saw": "wood", "knife": "bread", "broom": "floors", "needle": "cloth", "key": "doors", "pen": "letters",
        "brush": "paint", "spoon": "soup", "towel": "dishes", "camera": "pictures", "net": "fish"}
OPPOSITES = {"hot": "cold", "big": "small", "fast": "slow", "day": "night", "happy": "sad", "open": "closed", "early": "late",
             "wet": "dry", "full": "empty", "hard": "soft", "strong": "weak", "high": "low", "light": "dark", "young": "old"}
