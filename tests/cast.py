"""The cast of every test: three people and the addresses that text them, all from the range kept for fiction."""

ALICE = "+12015550123"  # opts out
BOB = "+12015550124"  # consents
CAROL = "+12015550125"  # nothing is known of her

LONG_CODE = "+12015550100"
TOLL_FREE = "+18005550100"
SHORT_CODE = "55501"

TOKEN = "0123456789abcdef0123456789abcdef"
ACCOUNT = "AC" + "0" * 32
SECRET = "a-secret-for-tests-that-is-long-enough"
