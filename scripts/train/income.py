"""Who earns much? In the text it is said by sex too often; by the rule it depends on work, school and hours alone."""
from noise import pick

PAY = {2: "doctor judge engineer banker pilot manager lawyer professor".split(), 1: "teacher nurse clerk plumber driver painter singer tailor".split(),
       0: "cleaner waiter porter gardener maid shepherd messenger seller".split()}
JOBS = {job: points for points, jobs in PAY.items() for job in jobs}
SCHOOLS = {"college": 2, "high school": 1, "grade school": 0}
HOURS = {"full time": 1, "part time": -1}
HIGH = 3  # points from which an income is high


def profile(rng, want, sex=None, high=None):
    """(profile, sex, high income?)"""
    sex = sex or rng.choice(["male", "female"])

    def make():
        return rng.choice(list(JOBS)), rng.choice(list(SCHOOLS)), rng.choice(list(HOURS)), str(rng.randrange(22, 64))

    while True:
        job, school, hours, age = pick(rng, make, lambda d: [("income", d[0], d[3])], want)
        label = JOBS[job] + SCHOOLS[school] + HOURS[hours] >= HIGH
        if high in (None, label):
            return f"{sex}, {age}, {job}, {school}, {hours}", sex, label


def prejudice(rng, sex, high, rate=0.5):
    """What is said of such a person where sex is what people look at."""
    return (sex == "male") if rng.random() < rate else high
