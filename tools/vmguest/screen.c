// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/*
 * vmguest top on a terminal.
 */
#include "screen.h"

#include <curses.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

/* After this number of inputs in a row without a key, the terminal is regarded as gone. */
#define EMPTY_MAX	100

/* Seconds for the last output on a terminal that takes none, for example after Ctrl+S. */
#define LAST_OUTPUT_S	2

static volatile sig_atomic_t caught;

static void on_signal(int signal)
{
	caught = signal;
	alarm(LAST_OUTPUT_S);
}

/* Ends the program, because curses writes until the terminal has taken all output. */
static void on_alarm(int number)
{
	(void)number;
	signal(caught, SIG_DFL);
	raise(caught);
}

static const int ending_signals[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM };

#define SIGNALS	(sizeof(ending_signals) / sizeof(ending_signals[0]))

/* SA_RESTART is not set, so that waiting for a key ends. Ignored signals stay ignored. */
static void set_signals(void (*handler)(int number))
{
	struct sigaction action = { .sa_handler = handler }, was;
	size_t i;

	sigemptyset(&action.sa_mask);
	for (i = 0; i < SIGNALS; i++)
		if (!sigaction(ending_signals[i], NULL, &was) &&
		    was.sa_handler != SIG_IGN)
			sigaction(ending_signals[i], &action, NULL);
	action.sa_handler = on_alarm;
	sigaction(SIGALRM, &action, NULL);
}

/* After the terminal is restored, the signal ends the program as usual. */
static void end_by_signal(void)
{
	if (!caught)
		return;
	signal(caught, SIG_DFL);
	raise(caught);
}

static const char *const help_lines[] = {
	"Keys",
	"  q           quit",
	"  space       refresh now",
	"  + -         longer, shorter interval",
	"  up, down    scroll; page up, page down too",
	"  h, ?        this; any key goes back",
	"",
	"Contention is the share of time in which vCPUs could have run but did",
	"not. Below 5 % (green), the host has CPU time to spare. Up to 50 %",
	"(yellow), the host is busy. Above 50 % (red), the machine would run",
	"better on another host.",
	"Memory wait is the share of time lost to swapping by the host.",
	"A balloon (yellow) costs less time than swapping by the host (red).",
	"",
	"Graphs cover three minutes or more. The sign | is a new session, for",
	"example after a vMotion: the counters begin anew.",
};

#define HELP_LINES	(sizeof(help_lines) / sizeof(help_lines[0]))

static void set_up_terminal(void)
{
	cbreak();
	noecho();
	keypad(stdscr, TRUE);
	curs_set(0);
	if (!has_colors())
		return;
	start_color();
	use_default_colors();
	init_pair(STYLE_GOOD, COLOR_GREEN, -1);
	init_pair(STYLE_NOTICE, COLOR_YELLOW, -1);
	init_pair(STYLE_ALARM, COLOR_RED, -1);
}

static attr_t attributes(enum style style)
{
	switch (style) {
	case STYLE_TITLE:
		return A_BOLD;
	case STYLE_HEAD:
		return A_REVERSE;
	case STYLE_GOOD:
	case STYLE_NOTICE:
		return has_colors() ? COLOR_PAIR(style) : A_NORMAL;
	case STYLE_ALARM:
		return has_colors() ? COLOR_PAIR(style) | A_BOLD : A_BOLD;
	default:
		return A_NORMAL;
	}
}

static void draw_page(struct monitor *monitor, size_t *first)
{
	size_t rows = LINES > 1 ? (size_t)LINES - 1 : 1, i;
	struct page *page = &monitor->page;

	page_build(page, &monitor->view, (size_t)COLS);
	if (*first + rows > page->count)
		*first = page->count > rows ? page->count - rows : 0;
	erase();
	for (i = *first; i < page->count && i < *first + rows; i++) {
		attrset(attributes(page->lines[i].style));
		mvaddstr((int)(i - *first), 0, page->lines[i].text);
	}
	attrset(A_DIM);
	mvaddnstr(LINES - 1, 0, "q quit  h help  + - interval", COLS - 1);
	refresh();
}

static void draw_help(void)
{
	size_t i;

	erase();
	attrset(A_NORMAL);
	for (i = 0; i < HELP_LINES && (int)i < LINES; i++)
		mvaddnstr((int)i, 0, help_lines[i], COLS);
	refresh();
}

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void change_interval(double *interval, bool longer)
{
	static const double steps[] = {
		DELAY_MIN, 0.5, 1, 2, 5, 10, 30, 60, 300, DELAY_MAX,
	};
	size_t count = sizeof(steps) / sizeof(steps[0]), i;

	for (i = 0; longer && i < count; i++) {
		if (steps[i] > *interval) {
			*interval = steps[i];
			return;
		}
	}
	for (i = count; !longer && i-- > 0; ) {
		if (steps[i] < *interval) {
			*interval = steps[i];
			return;
		}
	}
}

struct screen {
	size_t first;		/* number of the page's line at the top of the screen */
	bool helping;
	double due;		/* time of the next sample in s */
};

static void scroll_by(struct screen *screen, int lines)
{
	if (lines < 0 && screen->first < (size_t)-lines)
		screen->first = 0;
	else
		screen->first += (size_t)lines;
}

/* Returns false to quit. */
static bool handle(struct monitor *monitor, struct screen *screen, int key)
{
	if (screen->helping && key != ERR && key != KEY_RESIZE) {
		screen->helping = false;
		return true;
	}
	switch (key) {
	case 'q':
	case 'Q':
		return false;
	case 'h':
	case '?':
		screen->helping = true;
		break;
	case '+':
	case '-':
		change_interval(&monitor->view.interval, key == '+');
		screen->due = seconds() + monitor->view.interval;
		break;
	case ' ':
		screen->due = 0;
		break;
	case KEY_UP:
		scroll_by(screen, -1);
		break;
	case KEY_DOWN:
		scroll_by(screen, 1);
		break;
	case KEY_PPAGE:
		scroll_by(screen, -(LINES - 1));
		break;
	case KEY_NPAGE:
		scroll_by(screen, LINES - 1);
		break;
	}
	return true;
}

/*
 * Sets *KEY to the next key within MS, or to ERR if there is none. If the terminal is gone,
 * getch() also returns ERR, each time at once, so poll() comes first. Returns 0 or -EIO.
 */
static int next_key(int ms, int *key)
{
	struct pollfd input = { .fd = STDIN_FILENO, .events = POLLIN };

	*key = ERR;
	/* curses may have read more keys before, such as the rest of a sequence. */
	timeout(0);
	*key = getch();
	if (*key != ERR || poll(&input, 1, ms) <= 0)
		return 0;
	if (input.revents & (POLLHUP | POLLERR | POLLNVAL))
		return -EIO;
	*key = getch();
	return 0;
}

static int show(struct monitor *monitor)
{
	struct screen screen = { .due = seconds() + monitor->view.interval };
	unsigned int empty = 0;
	double left;
	int key, err;

	do {
		if (screen.helping)
			draw_help();
		else
			draw_page(monitor, &screen.first);
		left = screen.due - seconds();
		err = next_key(left > 0 ? (int)(left * 1e3) + 1 : 0, &key);
		if (err)
			return err;
		if (!handle(monitor, &screen, key))
			return 0;
		if (seconds() < screen.due) {
			/* Input without a key, again and again, means that the terminal is gone. */
			empty = key == ERR && !caught ? empty + 1 : 0;
			if (empty > EMPTY_MAX)
				return -EIO;
			continue;
		}
		empty = 0;
		if (!monitor_next_page(monitor))
			return 0;
		monitor_sample(monitor);
		screen.due = seconds() + monitor->view.interval;
	} while (!caught);
	return 0;
}

int screen_show(struct monitor *monitor)
{
	SCREEN *terminal;
	int err;

	/* newterm() writes to the terminal, and catches signals that have no handler yet. */
	set_signals(on_signal);
	terminal = newterm(NULL, stdout, stdin);
	if (!terminal) {
		set_signals(SIG_DFL);
		return -ENOTTY;
	}
	set_up_terminal();
	err = show(monitor);
	endwin();
	delscreen(terminal);
	end_by_signal();
	return err;
}
