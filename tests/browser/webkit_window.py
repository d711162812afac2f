"""The window that WebKitWebDriver drives: an undecorated one, for MiniBrowser is never narrow.

Runs with the system's Python, which has GTK. With ``--plain`` the page's scripts are off.
"""

import sys
from typing import Any

import gi

gi.require_version("Gtk", "3.0")
gi.require_version("WebKit2", "4.1")
from gi.repository import GLib, Gtk, WebKit2  # noqa: E402


def show(_session: Any) -> Any:
    view = WebKit2.WebView(web_context=CONTEXT, is_controlled_by_automation=True)
    view.get_settings().set_enable_javascript_markup("--plain" not in sys.argv)
    view.connect("close", lambda _: Gtk.main_quit())
    window = Gtk.Window(decorated=False)
    window.add(view)
    window.show_all()
    # Without a window manager nobody gives the page its focus, and :focus never matches.
    GLib.timeout_add(150, lambda: window.present() or view.grab_focus())
    return view


def describe(_context: Any, session: Any) -> None:
    info = WebKit2.ApplicationInfo()
    info.set_name("MiniBrowser")  # the only name that WebKitWebDriver knows
    parts = ("major", "minor", "micro")
    info.set_version(*(getattr(WebKit2, f"get_{part}_version")() for part in parts))
    session.set_application_info(info)
    session.connect("create-web-view", show)


CONTEXT = WebKit2.WebContext.new_ephemeral()
CONTEXT.set_automation_allowed(True)
CONTEXT.connect("automation-started", describe)
Gtk.main()
