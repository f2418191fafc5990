"""The screen: a page that shows what the stream says."""

from rollsight.reports.page.language import Lang


def screen(lang: Lang) -> str:
    """Return the page in a language."""
    return f'<!DOCTYPE html>\n<html lang="{lang}"><title>rollsight</title><p>rollsight\n'
