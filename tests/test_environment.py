"""The table of variables: what is exported now, and what `assume` and `clear` make of any environment."""

from __future__ import annotations

import time
from collections.abc import Mapping

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from awsenv import environment
from awsenv.environment import Session, expiry, state

EXPIRES = 1795376367
EXPIRES_UTC = "2026-11-22T19:39:27Z"
LATER = "2026-11-23T05:00:00Z"
LATER_EPOCH = 1795410000
USERS = {"AWS_PAGER": "less", "AWS_CONFIG_FILE": "/etc/aws", "AWS_ENDPOINT_URL_STS": "http://sts", "HOME": "/home/me"}

PROJECT1 = Session(
    "project1", "ASIAQWERTYUIOPASDFGH", "s3cret", token="t0ken==", expiration=EXPIRES, region="eu-central-1"
)
NO_REGION = Session("no region", "ASIAZXCVBNMASDFGHJKL", "other", token="t1", expiration=EXPIRES + 60, region=None)
LONG_TERM = Session("user1", "AKIAQWERTYUIOPLKJHGF", "forever", token=None, expiration=None, region="us-east-1")
PASTED = {
    "AWS_ACCESS_KEY_ID": "ASIAPASTEDPASTEDPAST",
    "AWS_SECRET_ACCESS_KEY": "pasted",
    "AWS_SESSION_TOKEN": "pasted",
}
FOREIGN = {
    **PASTED,
    "AWS_SECURITY_TOKEN": "old",
    "AWS_ACCOUNT_ID": "123456789012",
    "AWS_CREDENTIAL_EXPIRATION": "2020-01-01T00:00:00Z",
    "AWS_CREDENTIAL_SCOPE": "eu-west-1",
    "AWSUME_EXPIRATION": "2020-01-01T00:00:00",
    "AWSUME_PROFILE": "old",
    "AWS_VAULT": "old",
    "AWS_EB_PROFILE": "old",
}

ENDPOINT = {
    "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1:4711/credentials",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": "/run/awsenv-x/token",
}
IN_SERVER = {**ENDPOINT, "AWSENV_SERVER": ENDPOINT["AWS_CONTAINER_CREDENTIALS_FULL_URI"], "AWSENV_PROFILE": "project1"}
IN_COPY = {"AWS_CONFIG_FILE": "/run/awsenv-x/config", "AWS_PROFILE": "awsenv-exec-1"}

Environment = dict[str, str]


def applied(environ: Mapping[str, str], change: environment.Change) -> Environment:
    """The environment after a change, as a shell makes it."""
    return {name: value for name, value in {**environ, **change}.items() if value is not None}


def assumed(environ: Mapping[str, str], session: Session, options: str = "") -> Environment:
    return applied(environ, environment.assume_keys(environ, session, options))


def profile_exported(environ: Mapping[str, str], profile: str, region: str | None = None) -> Environment:
    return applied(environ, environment.assume_profile(environ, profile, region, ""))


def cleared(environ: Mapping[str, str]) -> Environment:
    return applied(environ, environment.clear(environ))


# --- the table --------------------------------------------------------------------------------------------------------


def test_the_table_has_every_name_once() -> None:
    assert len(environment.TABLE) == len(set(environment.TABLE))
    assert set(environment.SECRETS) < set(environment.TABLE)
    assert set(environment.PREVIOUS) == {*environment.PROFILES, *environment.REGIONS}


@pytest.mark.parametrize(
    "name",
    [
        "AWS_CA_BUNDLE",
        "AWS_CONFIG_FILE",
        "AWS_SHARED_CREDENTIALS_FILE",
        "AWS_PAGER",
        "AWS_ENDPOINT_URL",
        "AWS_ENDPOINT_URL_STS",
        "AWS_RETRY_MODE",
        "AWS_ROLE_ARN",
        "AWS_WEB_IDENTITY_TOKEN_FILE",
        "PATH",
    ],
)
def test_user_variables_are_not_in_the_table(name: str) -> None:
    assert name not in environment.TABLE


# --- assume -----------------------------------------------------------------------------------------------------------


def test_assume_exports_all_of_the_session() -> None:
    assert assumed({}, PROJECT1, "--duration=1h") == {
        "AWS_ACCESS_KEY_ID": "ASIAQWERTYUIOPASDFGH",
        "AWS_SECRET_ACCESS_KEY": "s3cret",
        "AWS_SESSION_TOKEN": "t0ken==",
        "AWS_CREDENTIAL_EXPIRATION": EXPIRES_UTC,
        "AWS_REGION": "eu-central-1",
        "AWS_DEFAULT_REGION": "eu-central-1",
        "AWSENV_PROFILE": "project1",
        "AWSENV_EXPIRATION": str(EXPIRES),
        "AWSENV_KEY": "OPASDFGH",
        "AWSENV_REGION": "eu-central-1",
        "AWSENV_OPTIONS": "--duration=1h",
        "AWSUME_PROFILE": "project1",
    }


@pytest.mark.parametrize("before", [{}, USERS, FOREIGN, {"AWS_PROFILE": "mine"}], ids=len)
def test_assume_names_every_stale_variable(before: Environment) -> None:
    """The change unsets variables that the shell does not export, too."""
    change = environment.assume_keys(before, LONG_TERM, "")
    assert {*environment.UNSET, *environment.PROFILES, *environment.OWN} <= set(change)
    assert change["AWS_SESSION_TOKEN"] is change["AWS_CREDENTIAL_EXPIRATION"] is change["AWSENV_EXPIRATION"] is None


def test_assume_leaves_the_users_region_if_the_profile_has_none() -> None:
    before = {"AWS_REGION": "us-west-2"}
    now = assumed(before, NO_REGION)
    assert now["AWS_REGION"] == "us-west-2"
    assert "AWS_DEFAULT_REGION" not in now
    assert cleared(now) == before


# --- clear and restore ------------------------------------------------------------------------------------------------

CHOSEN = {
    "AWS_PROFILE": "mine",
    "AWS_DEFAULT_PROFILE": "also",
    "AWS_REGION": "us-west-2",
    "AWS_DEFAULT_REGION": "us-west-1",
}

ENVIRONMENTS = [
    {},
    USERS,
    CHOSEN,
    {"AWS_PROFILE": "project1"},
    {"AWS_DEFAULT_PROFILE": "mine"},
    {"AWS_REGION": "eu-central-1"},  # the profile's own
    {"AWS_REGION": "eu-central-1", "AWS_DEFAULT_REGION": "eu-central-1"},
    {"AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "eu-central-1"},
    {"AWS_DEFAULT_REGION": "us-west-1"},
]

SEQUENCES = {
    "once": [PROJECT1],
    "twice": [PROJECT1, PROJECT1],
    "a region, then none": [PROJECT1, NO_REGION],
    "none, then a region": [NO_REGION, PROJECT1],
    "two regions": [PROJECT1, LONG_TERM, PROJECT1],
    "profile mode": ["project1"],
    "profile mode twice": ["project1", "project1"],
    "keys, then profile mode": [PROJECT1, "project1"],
    "profile mode, then keys": ["project1", PROJECT1, "other"],
}


@pytest.mark.parametrize("before", ENVIRONMENTS, ids=lambda before: ",".join(before) or "nothing")
@pytest.mark.parametrize("sequence", SEQUENCES)
def test_clear_restores_what_was_there_before_the_first_assume(sequence: str, before: Environment) -> None:
    now = before
    for step in SEQUENCES[sequence]:
        now = assumed(now, step) if isinstance(step, Session) else profile_exported(now, step, "eu-central-1")
    assert now != before
    assert cleared(now) == before


def test_another_assume_restores_the_users_region_if_the_new_profile_has_none() -> None:
    now = assumed(assumed(CHOSEN, PROJECT1), NO_REGION)
    assert (now["AWS_REGION"], now["AWS_DEFAULT_REGION"]) == ("us-west-2", "us-west-1")


@pytest.mark.parametrize("then", [[], [NO_REGION], [PROJECT1], [LONG_TERM]], ids=len)
@pytest.mark.parametrize("name", environment.REGIONS)
def test_a_region_changed_by_hand_after_assume_is_the_users(name: str, then: list[Session]) -> None:
    now = assumed(CHOSEN, PROJECT1) | {name: "sa-east-1"}
    for session in then:
        now = assumed(now, session)
    assert cleared(now) == {**CHOSEN, name: "sa-east-1"}


@pytest.mark.parametrize("then", [[], [NO_REGION], [PROJECT1], ["project1"]], ids=str)
@pytest.mark.parametrize("first", [PROJECT1, "project1"], ids=["keys", "profile mode"])
@pytest.mark.parametrize("name", environment.PROFILES)
def test_a_profile_named_by_hand_after_assume_is_the_users(
    name: str, first: Session | str, then: list[Session | str]
) -> None:
    now: Environment = CHOSEN
    for step in (first, {name: "by hand"}, *then):
        if isinstance(step, dict):
            now = now | step
        else:
            now = assumed(now, step) if isinstance(step, Session) else profile_exported(now, step)
    assert cleared(now) == {**CHOSEN, name: "by hand"}


@pytest.mark.parametrize("name", environment.REGIONS)
def test_a_region_unset_by_hand_after_assume_stays_unset(name: str) -> None:
    now = assumed(CHOSEN, PROJECT1)
    del now[name]
    assert name not in cleared(now)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param({}, {}, id="nothing"),
        pytest.param(USERS, USERS, id="the user's other variables"),
        pytest.param({**USERS, **FOREIGN}, USERS, id="another tool's keys"),
        pytest.param({"AWS_PROFILE": "mine"}, {"AWS_PROFILE": "mine"}, id="AWS_PROFILE without keys is the user's"),
        pytest.param({"AWS_DEFAULT_PROFILE": "m"}, {"AWS_DEFAULT_PROFILE": "m"}, id="AWS_DEFAULT_PROFILE likewise"),
        pytest.param({"AWS_PROFILE": ""}, {}, id="an empty AWS_PROFILE breaks every tool"),
        pytest.param({"AWS_DEFAULT_REGION": "", "AWS_REGION": "r"}, {"AWS_REGION": "r"}, id="an empty region likewise"),
        pytest.param(
            {"AWS_PROFILE": "", "AWS_DEFAULT_PROFILE": "m"}, {"AWS_DEFAULT_PROFILE": "m"}, id="only the empty one"
        ),
        pytest.param({**PASTED, "AWS_PROFILE": "mine"}, {}, id="AWS_PROFILE beside keys"),
        pytest.param({"AWS_ACCESS_KEY_ID": "", "AWS_PROFILE": "mine"}, {"AWS_PROFILE": "mine"}, id="an empty key"),
        pytest.param({"AWS_REGION": "r", **PASTED}, {"AWS_REGION": "r"}, id="a region beside keys is the user's"),
        pytest.param({"AWS_REGION": "r", "AWSENV_REGION": "r"}, {}, id="a region of ours that replaced none"),
        pytest.param(dict.fromkeys(environment.LABELS, "prod"), {}, id="the labels of other tools"),
        pytest.param({**USERS, **IN_SERVER}, USERS, id="the endpoint of exec --server"),
        pytest.param(
            {**IN_SERVER, **IN_COPY, "AWSENV_PREVIOUS_AWS_CONFIG_FILE": "/etc/aws"},
            {"AWS_CONFIG_FILE": "/etc/aws"},
            id="its copy of the config file",
        ),
        pytest.param({**IN_SERVER, **IN_COPY}, {}, id="its copy that replaced no variable"),
        pytest.param(
            {
                **IN_SERVER,
                "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": "C:\\Temp\\awsenv-x\\token",
                "AWS_CONFIG_FILE": "C:\\Temp\\awsenv-x\\config",
                "AWS_PROFILE": "awsenv-exec-1",
                "AWSENV_PREVIOUS_AWS_PROFILE": "mine",
            },
            {"AWS_PROFILE": "mine"},
            id="its copy on Windows",
        ),
        pytest.param(
            {**IN_SERVER, "AWS_CONFIG_FILE": "/etc/aws"},
            {"AWS_CONFIG_FILE": "/etc/aws"},
            id="the user's own config file",
        ),
        pytest.param({**IN_SERVER, "AWSENV_SERVER": ""}, ENDPOINT, id="the endpoint of a container is the user's"),
        pytest.param({**IN_SERVER, "AWSENV_SERVER": "http://other"}, ENDPOINT, id="a newer endpoint is the user's"),
    ],
)
def test_clear_unsets_credential_variables_and_nothing_else(before: Environment, after: Environment) -> None:
    assert cleared(before) == after


def test_profile_mode_exports_no_keys() -> None:
    now = profile_exported({**FOREIGN, **CHOSEN}, "project1")
    assert now["AWS_PROFILE"] == now["AWSENV_PROFILE"] == "project1"
    assert not {*environment.UNSET, "AWS_DEFAULT_PROFILE", "AWSENV_KEY"} & set(now)
    assert now["AWS_REGION"] == "us-west-2"


# --- any environment --------------------------------------------------------------------------------------------------

VALUES = st.sampled_from(
    ["", "project1", "mine", "eu-central-1", "us-west-2", "stale", EXPIRES_UTC, str(EXPIRES), "PASDFGH"]
)
ANY = st.dictionaries(st.sampled_from([*environment.TABLE, *USERS, "AWS_ROLE_ARN", "PATH"]), VALUES)
SESSIONS = st.sampled_from([PROJECT1, NO_REGION, LONG_TERM])
OURS = {*environment.UNSET, *environment.OWN}


def users(environ: Mapping[str, str]) -> Environment:
    """The variables that awsenv does not manage."""
    return {name: value for name, value in environ.items() if name not in environment.TABLE}


@given(ANY, SESSIONS)
def test_a_change_names_nothing_outside_the_table_and_never_blanks(before: Environment, session: Session) -> None:
    changes = [
        environment.clear(before),
        environment.assume_keys(before, session, ""),
        environment.assume_profile(before, session.profile, session.region, ""),
    ]
    for change in changes:
        assert set(change) <= set(environment.TABLE)
        assert "" not in change.values()


@given(ANY, SESSIONS)
@example({**USERS, **FOREIGN}, PROJECT1)
@example(PASTED, LONG_TERM)
@example(dict.fromkeys(environment.TABLE, "stale"), NO_REGION)
def test_assume_leaves_nothing_of_what_was_exported(before: Environment, session: Session) -> None:
    now = assumed(before, session)
    clean = assumed({}, session)
    restored = {*environment.PREVIOUS.values(), *environment.REGIONS, "AWSENV_BEFORE"}
    assert {name: now.get(name) for name in environment.TABLE if name not in restored} == {
        name: clean.get(name) for name in environment.TABLE if name not in restored
    }
    assert users(now) == users(before)
    if session.region:
        assert now["AWS_REGION"] == now["AWS_DEFAULT_REGION"] == session.region


@given(ANY)
def test_clear_leaves_nothing_of_awsenv(before: Environment) -> None:
    now = cleared(before)
    assert not OURS & set(now)
    assert users(now) == users(before)
    assert cleared(now) == now


@given(ANY, SESSIONS)
def test_clear_after_assume_restores_the_environment(before: Environment, session: Session) -> None:
    before = {name: value for name, value in before.items() if name not in environment.OWN}
    now = cleared(assumed(before, session))
    assert not OURS & set(now)
    expected = {name: value for name, value in before.items() if name not in OURS}
    for name in (*environment.PROFILES, *environment.REGIONS):
        if expected.get(name) == "":  # empty, which equals unset or breaks SDKs
            del expected[name]
    assert now == expected


STEPS = st.lists(
    st.one_of(
        SESSIONS,
        st.tuples(st.just("profile"), st.sampled_from(["project1", "mine"])),
        st.tuples(st.sampled_from(environment.REGIONS), st.sampled_from(["sa-east-1", "ap-south-1", None])),
        st.tuples(st.sampled_from(environment.PROFILES), st.just("by hand")),
        st.just("paste"),
        st.just("clear"),
    ),
    max_size=8,
)


@given(st.dictionaries(st.sampled_from(list(CHOSEN)), st.sampled_from(["mine", "project1", "eu-central-1"])), STEPS)
def test_after_any_number_of_changes_clear_restores_the_users_variables(
    before: Environment, steps: list[object]
) -> None:
    now, own, is_assumed = dict(before), dict(before), False
    for step in [*steps, "clear"]:
        if isinstance(step, Session):
            now, is_assumed = assumed(now, step), True
        elif step == "paste":
            now |= PASTED
        elif step == "clear":
            if not is_assumed and any(name in now for name in environment.KEYS):
                own = {name: value for name, value in own.items() if name not in environment.PROFILES}
            now, is_assumed = cleared(now), False
            assert now == own
        else:
            assert isinstance(step, tuple)
            name, value = step
            if name == "profile":
                now, is_assumed = profile_exported(now, value, "eu-central-1"), True
            else:  # by hand
                for environ in (now, own):
                    environ.pop(name, None)
                    environ.update({name: value} if value else {})


# --- what is exported now ---------------------------------------------------------------------------------------------

ASSUMED = assumed({}, PROJECT1)
KEYS = {"mode": "keys", "temporary": True}
LONG_TERM_KEYS = {"mode": "keys", "temporary": False}


def without(environ: Mapping[str, str], *names: str) -> Environment:
    return {name: value for name, value in environ.items() if name not in names}


NOTHING = {"profile": None, "mode": None, "missing": None, "temporary": False, "expiration": None}


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        pytest.param({}, {}, id="nothing"),
        pytest.param(dict.fromkeys(environment.TABLE, ""), {}, id="only blanks"),
        pytest.param({"AWS_PROFILE": "mine"}, {}, id="the user's profile"),
        pytest.param({"AWS_SESSION_TOKEN": "t"}, {}, id="a token alone"),
        pytest.param(profile_exported({}, "p"), {"profile": "p", "mode": "profile"}, id="profile mode"),
        pytest.param(profile_exported({}, "p") | {"AWS_PROFILE": "q"}, {}, id="no longer profile mode"),
        pytest.param(ASSUMED, {**KEYS, "profile": "project1", "expiration": EXPIRES}, id="ours"),
        pytest.param(assumed({}, LONG_TERM), {**LONG_TERM_KEYS, "profile": "user1"}, id="ours, long-term"),
        pytest.param(
            without(ASSUMED, "AWS_SECRET_ACCESS_KEY"),
            {**KEYS, "missing": "AWS_SECRET_ACCESS_KEY"},
            id="ours without the secret",
        ),
        pytest.param(
            {"AWS_ACCESS_KEY_ID": "AKIA"},
            {**LONG_TERM_KEYS, "missing": "AWS_SECRET_ACCESS_KEY"},
            id="a key without secret",
        ),
        pytest.param(
            {"AWS_SECRET_ACCESS_KEY": "s"},
            {**LONG_TERM_KEYS, "missing": "AWS_ACCESS_KEY_ID"},
            id="a secret without key",
        ),
        pytest.param(
            without(ASSUMED, "AWS_ACCESS_KEY_ID", *environment.EXPIRATIONS),
            {**KEYS, "missing": "AWS_ACCESS_KEY_ID"},
            id="ours without the key",
        ),
        pytest.param(PASTED, KEYS, id="pasted into a clean shell"),
        pytest.param(
            without(PASTED, "AWS_SESSION_TOKEN"),
            {**LONG_TERM_KEYS, "missing": "AWS_SESSION_TOKEN"},
            id="pasted, no token",
        ),
        pytest.param(
            {"AWS_ACCESS_KEY_ID": "AKIAPASTED", "AWS_SECRET_ACCESS_KEY": "s"}, LONG_TERM_KEYS, id="pasted, long-term"
        ),
        pytest.param(
            without(PASTED, "AWS_SESSION_TOKEN") | {"AWS_SECURITY_TOKEN": "t"}, KEYS, id="the old name of the token"
        ),
        pytest.param(ASSUMED | PASTED, KEYS, id="pasted over ours: our expiration is not theirs"),
        pytest.param(
            ASSUMED | PASTED | {"AWS_CREDENTIAL_EXPIRATION": LATER},
            {**KEYS, "expiration": LATER_EPOCH},
            id="pasted over ours, with an expiration",
        ),
        pytest.param(
            ASSUMED | PASTED | {"AWSUME_EXPIRATION": LATER},
            {**KEYS, "expiration": LATER_EPOCH},
            id="pasted over ours, with an expiration elsewhere",
        ),
        pytest.param(without(ASSUMED, "AWSENV_EXPIRATION"), {**KEYS, "profile": "project1"}, id="no expiration"),
    ],
)
def test_exported_variables_follow_from_the_environment(environ: Environment, expected: dict[str, object]) -> None:
    exported = state.exported(environ)
    assert {name: getattr(exported, name) for name in NOTHING} == {**NOTHING, **expected}


@pytest.mark.parametrize("name", environment.EXPIRATIONS)
@pytest.mark.parametrize(
    ("text", "epoch"),
    [
        ("2026-11-22T19:39:27Z", EXPIRES),
        ("2026-11-22T19:39:27+00:00", EXPIRES),
        ("2026-11-22T20:39:27.5+0100", EXPIRES),
        ("2026-11-22 19:39:27UTC", EXPIRES),
        (time.strftime("%Y-%m-%dT%H:%M:%S", time.localtime(EXPIRES)), EXPIRES),
        (str(EXPIRES), None),
        ("soon", None),
        ("", None),
    ],
)
def test_the_expiration_of_another_tool_is_local_without_a_zone(name: str, text: str, epoch: int | None) -> None:
    assert state.exported({**PASTED, name: text}).expiration == epoch


def test_the_most_reliable_of_several_times_is_used_and_invalid_ones_are_ignored() -> None:
    first, second, third = environment.EXPIRATIONS[:3]
    assert state.exported({**PASTED, first: EXPIRES_UTC, second: LATER}).expiration == EXPIRES
    assert state.exported({**PASTED, first: "soon", second: "", third: LATER}).expiration == LATER_EPOCH


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "-1",
        "+1",
        " 1",
        "1.5",
        "1e9",
        "0x10",
        "x[$(touch CANARY)]",
        "\u00b2",
        "\u0663\u0660",
        "9" * 13,
        "9" * 5000,
    ],
)
def test_an_invalid_time_in_our_own_variable_is_ignored(text: str) -> None:
    exported = state.exported({**ASSUMED, "AWSENV_EXPIRATION": text})
    assert (exported.profile, exported.expiration) == ("project1", None)


@given(ANY, st.text(), st.text("0123456789", max_size=14))
def test_no_environment_raises(environ: Environment, text: str, digits: str) -> None:
    for expiration in (text, digits):
        exported = state.exported(environ | {"AWSENV_EXPIRATION": expiration})
        assert exported.mode in (None, "keys", "profile")
        assert exported.expiration is None or exported.mode == "keys"


@given(ANY, SESSIONS)
def test_variables_exported_by_assume_are_recognised(before: Environment, session: Session) -> None:
    exported = state.exported(assumed(before, session))
    assert (exported.profile, exported.mode, exported.missing) == (session.profile, "keys", None)
    assert (exported.expiration, exported.temporary) == (session.expiration, session.token is not None)
    assert state.exported(cleared(assumed(before, session))).mode is None


@given(st.integers(0, 253402300799))
def test_both_expiration_variables_have_the_same_time(expiration: int) -> None:
    session = Session("p", "ASIAQWERTYUIOPASDFGH", "s", token="t", expiration=expiration, region=None)
    now = assumed({}, session)
    assert expiry.parse(now["AWS_CREDENTIAL_EXPIRATION"]) == int(now["AWSENV_EXPIRATION"]) == expiration


# --- the active profile and the region, as all programs read them -----------------------------------------------------


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({}, None),
        ({"AWS_PROFILE": "a"}, "a"),
        ({"AWS_DEFAULT_PROFILE": "b"}, "b"),
        ({"AWS_PROFILE": "a", "AWS_DEFAULT_PROFILE": "b"}, "a"),
        ({"AWS_PROFILE": "", "AWS_DEFAULT_PROFILE": "b"}, "b"),
        ({"AWS_PROFILE": ""}, ""),
        ({"AWS_DEFAULT_PROFILE": ""}, ""),
    ],
)
def test_either_variable_names_the_active_profile(variables: dict[str, str], expected: str | None) -> None:
    assert environment.active_profile(variables) == expected


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({}, None),
        ({"AWS_REGION": "a"}, "a"),
        ({"AWS_DEFAULT_REGION": "b"}, "b"),
        ({"AWS_REGION": "a", "AWS_DEFAULT_REGION": "b"}, "a"),
        ({"AWS_REGION": "", "AWS_DEFAULT_REGION": "b"}, "b"),
        ({"AWS_REGION": ""}, None),
    ],
)
def test_either_variable_names_the_region(variables: dict[str, str], expected: str | None) -> None:
    assert environment.region(variables) == expected


def test_an_empty_old_token_variable_is_ignored() -> None:
    assert environment.session_token({"AWS_SECURITY_TOKEN": "", "AWS_SESSION_TOKEN": "new"}) == "new"
    assert environment.session_token({"AWS_SECURITY_TOKEN": "old", "AWS_SESSION_TOKEN": "new"}) == "old"
    assert environment.session_token({"AWS_SECURITY_TOKEN": "", "AWS_SESSION_TOKEN": ""}) is None


def test_credentials_show_no_secret() -> None:
    secret, token = "wJalrXUtnFEMI/K7MDENG", "FwoGtoken"
    for credentials in (
        environment.Credentials("AKIAIOSFODNN7EXAMPLE", secret, token, 1),
        environment.Session("p", "AKIAIOSFODNN7EXAMPLE", secret, token=token, expiration=1, region=None),
    ):
        assert "MPLE" in repr(credentials)
        assert not any(part in repr(credentials) for part in ("AKIAIO", secret, token))
    assert environment.masked("short") == "…"
