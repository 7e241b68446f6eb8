"""A small table of everyday English synonyms, put together for this package.

Words that mean much the same in most sentences stand on one line, in the same
form, so that one for the other leaves the sentence whole.
"""

_GROUPS = """
big large
huge enormous vast gigantic immense
small little
tiny minute minuscule
quick fast rapid swift speedy
quickly rapidly swiftly speedily
slowly gradually unhurriedly
happy glad joyful cheerful
happily gladly joyfully cheerfully
sad unhappy sorrowful
angry furious irate mad
afraid scared frightened
brave courageous fearless bold
smart clever intelligent bright
stupid foolish silly dumb
beautiful lovely gorgeous pretty
ugly unattractive unsightly
good fine decent
great excellent superb splendid
wonderful marvelous amazing fantastic terrific
bad poor lousy
awful terrible dreadful horrible
funny amusing comical humorous hilarious
boring dull tedious dreary
interesting engaging intriguing fascinating
strange odd weird peculiar
famous renowned celebrated
important significant essential
necessary required needed
difficult hard tough challenging
easy simple effortless
easily simply effortlessly
rich wealthy affluent
poor needy penniless
old aged elderly
new fresh novel
modern contemporary
ancient antique
calm peaceful tranquil serene
quiet silent hushed
loud noisy
clean spotless
dirty filthy grimy
cold chilly cool
hot scorching boiling
wet damp soaked
empty vacant
full packed
correct right accurate
wrong incorrect mistaken
true genuine real
fake false bogus
whole entire complete
wholly entirely completely fully totally
nearly almost
often frequently
seldom rarely
always constantly invariably
sometimes occasionally
usually normally generally
maybe perhaps possibly
probably likely
certainly surely definitely undoubtedly
suddenly abruptly unexpectedly
immediately instantly straightaway
soon shortly
finally eventually ultimately
recently lately
currently presently
mostly mainly largely chiefly
really truly genuinely
very extremely highly
quite rather fairly
also too
however nevertheless nonetheless
therefore thus hence consequently
although though
because since
despite notwithstanding
begin start commence
begins starts commences
began started commenced
beginning starting
end finish conclude
ended finished concluded
buy purchase
bought purchased
buys purchases
get obtain acquire
got obtained acquired
give provide
gave provided
help assist aid
helped assisted aided
helps assists aids
show display exhibit
shows displays exhibits
showed displayed exhibited
try attempt
tried attempted
tries attempts
need require
needs requires
needed required
want desire
wants desires
wanted desired
like enjoy
likes enjoys
liked enjoyed
love adore
loves adores
loved adored
hate detest loathe despise
hates detests loathes despises
hated detested loathed despised
say state
said stated
speak talk
speaking talking
shout yell scream
shouted yelled screamed
ask inquire
asked inquired
answer reply respond
answered replied responded
answers replies responds
choose select pick
chose selected picked
make create produce
made created produced
build construct
built constructed
building constructing
break shatter smash
broke shattered smashed
fix repair mend
fixed repaired mended
destroy ruin demolish
destroyed ruined demolished
change alter modify
changed altered modified
grow expand
grew expanded
reduce lessen decrease
reduced lessened decreased
increase raise
increased raised
keep retain
kept retained
allow permit
allows permits
allowed permitted
stop halt cease
stopped halted ceased
happen occur
happens occurs
happened occurred
seem appear
seems appears
seemed appeared
look glance
looked glanced
understand comprehend grasp
understood comprehended grasped
think believe
thinks believes
thought believed
know realize
knew realized
guess suppose
guessed supposed
explain clarify
explained clarified
remember recall recollect
remembered recalled recollected
throw toss hurl
threw tossed hurled
jump leap
jumps leaps
jumped leaped
run sprint dash
hurry rush
hurried rushed
cry weep sob
cried wept sobbed
laugh chuckle giggle
laughed chuckled giggled
job occupation
boss supervisor
child kid youngster
children kids youngsters
father dad
mother mom
friend pal companion
friends pals companions
enemy foe adversary
house home
car automobile
street road
picture image
movie film
movies films
story tale
stories tales
error mistake
errors mistakes
problem issue difficulty
problems issues difficulties
idea notion concept
ideas notions concepts
plan scheme
plans schemes
part portion piece
parts portions pieces
place spot location
places spots locations
present gift
gifts presents
prize award
prizes awards
rule regulation
rules regulations
result outcome
results outcomes
sickness illness disease
sick ill unwell
trip journey voyage
trips journeys voyages
shop store
shops stores
doctor physician
lawyer attorney
teacher instructor
stone rock
forest woods
garbage trash rubbish
amount quantity
chance opportunity
danger peril hazard
dangerous perilous hazardous
safe secure
strong powerful mighty
weak feeble frail
tired weary exhausted
sure certain confident
enough sufficient adequate
many numerous
several various
whole entire
""".split("\n")


def _read(groups):
    table = {}
    for group in groups:
        words = group.split()
        for word in words:
            known = table.setdefault(word, [])
            others = [other for other in words if other != word]
            known.extend(other for other in others if other not in known)
    return table


# dict of word to the list of its synonyms.
SYNONYMS = _read(_GROUPS)
