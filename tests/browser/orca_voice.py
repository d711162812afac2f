"""Runs inside Orca, as its ``orca-customizations.py``: what Orca would say is written down.

A line an utterance, as JSON: ``[language, words]``. No synthesizer takes part: the voice that Orca
speaks to is this file, and is done at once. ``HEARD_IN`` names the file to write.

Orca 43 finds the language of each passage, but does not hand it to the voice; here it does.
"""

import json
import os
from pathlib import Path
from typing import Any

import speechd
from gi.repository import GLib
from orca import acss, settings, speech_generator, speechdispatcherfactory

SERVER = speechdispatcherfactory.SpeechServer
generator_voice = speech_generator.SpeechGenerator.voice

settings.sayAllOnLoad = False
settings.enableKeyEcho = False
settings.enableBraille = False


def write(voice: Any, words: str) -> None:
    family = (voice or {}).get(acss.ACSS.FAMILY) or {}
    with Path(os.environ["HEARD_IN"]).open("a", encoding="utf-8") as file:
        file.write(json.dumps([family.get("lang") or "", words], ensure_ascii=False) + "\n")


def speak(_self: Any, text: Any, voice: Any, callback: Any = None, **_: Any) -> None:
    """As the speech dispatcher would, but for the sound."""
    if isinstance(text, str) and text.strip():
        write(voice, text)
    if callback:
        GLib.idle_add(callback, speechd.CallbackType.END)


def speak_character(_self: Any, character: str, voice: Any = None) -> None:
    write(voice, character)


def voice_in_language(self: Any, key: Any = None, **args: Any) -> list[Any]:
    (voice,) = generator_voice(self, key, **args)
    if args.get("language"):
        family = dict(voice.get(acss.ACSS.FAMILY) or {})
        voice[acss.ACSS.FAMILY] = {**family, "lang": args["language"], "dialect": args["dialect"]}
    return [voice]


SERVER._init = lambda self: setattr(self, "_client", None)
SERVER._send_command = lambda self, *_, **__: None
SERVER._cancel = lambda self: None
SERVER.getVoiceFamilies = lambda self: []
SERVER._speak = speak
SERVER.speakCharacter = speak_character
SERVER.shutdown = lambda self: None
for name in ("updateCapitalizationStyle", "updatePunctuationLevel"):
    setattr(SERVER, name, lambda self: None)
speech_generator.SpeechGenerator.voice = voice_in_language
