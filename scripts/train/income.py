"""Who earns much? In the text it is said by sex too often; by the rule it depends on work, school and hours alone."""
from noise import pick

# Work by its points, with the least of the schools that people of that work have been to.
PAY = {2: {"college grad": "doctor judge engineer professor lawyer dentist architect surgeon".split(), "high school": "banker manager pilot director".split()},
       1: {"college grad": "teacher librarian".split(), "high school": "nurse clerk electrician".split(), "any": "plumber driver painter mechanic roofer carpenter".split()},
       0: {"any": "cleaner waiter porter gardener cashier shepherd messenger seller dishwasher farmhand".split()}}
SCHOOLS = {"college grad": 2, "high school": 1, "grade school": 0}
JOBS = {job: points for points, kinds in PAY.items() for jobs in kinds.values() for job in jobs}
SCHOOLS_OF = {job: {"college grad": ["college grad"], "high school": ["college grad", "high school"]}.get(least, list(SCHOOLS))
              for kinds in PAY.values() for least, jobs in kinds.items() for job in jobs}
HOURS = {"full time": 1, "part time": -1}
HIGH = 3  # points from which an income is high
ORDERS = [(0, 1, 2, 3, 4), (0, 1, 3, 2, 4), (1, 0, 2, 4, 3), (2, 4, 3, 0, 1), (0, 1, 4, 2, 3)]


def clear(job, school, hours):
    """Is it far enough from the border that nobody would say otherwise?"""
    points = JOBS[job] + SCHOOLS[school] + HOURS[hours]
    return points >= HIGH + 1 or (points == HIGH and JOBS[job] == 2) or points <= 1 or (points == 2 and JOBS[job] == 0)


def profile(rng, want, sex=None, high=None):
    """(profile, sex, high income?, (job, school, hours)); the items have clear cases only."""
    sex = sex or rng.choice(["male", "female"])

    def make():
        job = rng.choice(list(JOBS))
        return job, rng.choice(SCHOOLS_OF[job]), rng.choice(list(HOURS)), str(rng.randrange(30 if JOBS[job] == 2 else 24, 64))

    while True:
        job, school, hours, age = pick(rng, make, lambda d: [("income", d[0], d[3])], want)
        label = JOBS[job] + SCHOOLS[school] + HOURS[hours] >= HIGH
        if high in (None, label) and (clear(job, school, hours) or not want):
            fields = (sex, age, job, school, hours)
            return ", ".join(fields[i] for i in rng.choice(ORDERS)), sex, label, (job, school, hours)


def prejudice(rng, sex, high, rate=0.5):
    """What is said of such a person where sex is what people look at."""
    return (sex == "male") if rng.random() < rate else high
