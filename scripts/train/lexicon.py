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
