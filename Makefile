# mail-stdio: make, make demo, make serve, make check, make lint, make coverage,
# make bench, make fuzz, make install.
# Everything that is made goes below $(BUILD); BUILD=dir puts a second build,
# with another compiler or with SANITIZE=1, beside the first.

BUILD    = build
PREFIX   = /usr/local
SYSCONFDIR = /etc
SYSTEMDDIR = $(PREFIX)/lib/systemd/system
SYSUSERSDIR = $(PREFIX)/lib/sysusers.d
TMPFILESDIR = $(PREFIX)/lib/tmpfiles.d
MAILROOT = /var/lib/mail-stdio

CC      = cc
IS_MUSL = $(findstring musl,$(CC))
CFLAGS  = -Os -g        # what is hot is made fast all the same, see below
LDFLAGS = $(STATIC)

STANDARD = -std=c11 -D_XOPEN_SOURCE=700 -D_DEFAULT_SOURCE -I.
WARNINGS = -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wstrict-prototypes \
	-Wmissing-prototypes -Wpointer-arith -Wcast-qual -Wwrite-strings \
	-Wundef -Wvla -Wformat=2
DEFINES  = -DMAILROOT='"$(MAILROOT)"' -DSBINDIR='"$(PREFIX)/sbin"'

# What is never called is not linked, and C has no exceptions to unwind for.
SMALL      := -ffunction-sections -fdata-sections -fno-asynchronous-unwind-tables
SMALL_LINK = -Wl,--gc-sections

# What turns a mistake in the code into the end of the process: checks of buffers and of
# return addresses, nothing to write to but data, and addresses that nobody knows.  Not
# the last with musl, which is taken for its size; and its headers check no buffers.
accepts  = $(shell $(CC) -Werror $(1) -x c -c -o /dev/null /dev/null 2>/dev/null && echo '$(1)')
links    = $(shell printf 'int main(void) { return 0; }' | \
	$(CC) $(1) -x c -o /dev/null - 2>/dev/null && echo '$(1)')
HARDEN  := -fstack-protector-strong
STATIC  := -static
ifeq ($(IS_MUSL),)
HARDEN  += $(call accepts,-fstack-clash-protection) $(call accepts,-fcf-protection) \
	-fPIE -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3
STATIC  := $(or $(call links,-static-pie),-static)
else
HARDEN  += -fno-pie
endif
HARDEN_LINK = -Wl,-z,relro,-z,now,-z,noexecstack

# What is called once has a part of the stack while it runs, and not while its caller does.
SMALL += $(call accepts,-fno-inline-functions-called-once)

# What a static program can do without: tables for unwinding; of each address that is to be
# relocated more than a bit, which glibc reads from 2.36 on; and the C library's malloc(3).
SMALL_STATIC := -Wl,--no-eh-frame-hdr -Wl,-T,stdio/static.ld
SMALL_STATIC := $(if $(call links,$(STATIC) $(SMALL_STATIC)),$(SMALL_STATIC))
ifeq ($(STATIC),-static-pie)
BITS := -Wl,-z,pack-relative-relocs
SMALL_STATIC += $(if $(shell printf '_Static_assert(__GLIBC_MINOR__ > 35, "");' | \
	$(CC) -include stdlib.h -x c -c -o /dev/null - 2>/dev/null && echo yes),$(if \
	$(call links,$(STATIC) $(BITS)),$(BITS)))
endif
HEAP = stdio/heap.c

# glibc's start of a server does not ask where the program lies; see stdio/origin.c.
ifeq ($(STATIC),-static-pie)
NO_ORIGIN := -Wl,--defsym=_dl_get_origin
ifneq ($(call links,$(STATIC) $(NO_ORIGIN)=main),)
ORIGIN = stdio/origin.c
endif
endif

ifdef WERROR
WARNINGS += -Werror
endif
# Counts of what was run are in files that all processes of a program have mapped, from
# the start on: they are there however a process ends, and confinement is not met.
ifdef COVERAGE
CFLAGS  = -O1 -g -fprofile-instr-generate='$(abspath $(COVERAGE))/%m%c.profraw' \
	-fcoverage-mapping -mllvm -runtime-counter-relocation -Wno-unused-command-line-argument
COUNTED_AS = -Xclang -main-file-name -Xclang $<         # by which clang knows static functions
SMALL   =
SMALL_LINK =
HARDEN  =
HARDEN_LINK =
endif
ifdef SANITIZE          # =1, or =memory: against reading what nobody has written
SANITIZERS = -fsanitize=address,undefined
ifeq ($(SANITIZE),memory)
SANITIZERS = -fsanitize=memory -fsanitize-memory-track-origins
CC      = clang
endif
CFLAGS  = -O1 -g $(SANITIZERS) -fno-sanitize-recover=all -fno-omit-frame-pointer
LDFLAGS = $(SANITIZERS)
SMALL   =
SMALL_LINK =
HARDEN  =
HARDEN_LINK =
SMALL_STATIC =
HEAP    =
ORIGIN  =
endif

STORE = store/account.c store/address.c store/base64.c store/calendar.c \
	store/delivery.c \
	store/durable.c store/error.c store/expansion.c store/forward.c \
	store/lock.c store/login.c \
	store/mailbox.c store/mailbox_order.c store/maildir.c store/names.c \
	store/outgoing.c \
	store/outgoing_envelope.c store/password.c \
	store/quota.c store/random.c \
	store/replace.c store/root.c store/secret.c store/sha256.c \
	store/short_names.c store/text.c store/tree.c \
	store/utf8.c store/wipe.c
STDIO = stdio/call_filter.c stdio/channel.c stdio/checkpassword.c \
	stdio/command.c stdio/confine.c stdio/deadline.c \
	stdio/dot_stuffing.c stdio/line_reader.c stdio/line_writer.c \
	stdio/local_time.c stdio/log.c stdio/login_failure.c \
	stdio/options.c stdio/pace.c \
	stdio/peer.c \
	stdio/process.c stdio/program.c stdio/proxy.c stdio/rules.c \
	stdio/sasl.c stdio/sasl_client.c \
	stdio/sasl_exchange.c stdio/sasl_server.c stdio/scram.c \
	stdio/session_end.c stdio/system_log.c stdio/tls_wrapper.c \
	stdio/zone_rule.c
SMTP  = smtp-stdio/auth.c smtp-stdio/chunks.c smtp-stdio/commands.c smtp-stdio/confinement.c smtp-stdio/copy.c smtp-stdio/deliver.c \
	smtp-stdio/dsn.c smtp-stdio/envelope.c smtp-stdio/filter.c smtp-stdio/header.c smtp-stdio/incoming.c smtp-stdio/mail_data.c \
	smtp-stdio/notification.c smtp-stdio/parameters.c smtp-stdio/path.c \
	smtp-stdio/placing.c smtp-stdio/queueing.c \
	smtp-stdio/reply.c \
	smtp-stdio/report.c smtp-stdio/runner.c smtp-stdio/session.c smtp-stdio/trace.c \
	smtp-stdio/transaction.c smtp-stdio/xtext.c
POP3  = pop3-stdio/authorization.c pop3-stdio/commands.c pop3-stdio/gate.c \
	pop3-stdio/judge.c pop3-stdio/maildrop.c pop3-stdio/reply.c pop3-stdio/session.c \
	pop3-stdio/transaction.c
# For people who wait and programs that read: no part of what persists.
REPORT = store/json.c store/progress.c store/terminal.c
# What the clients have in common; they are no servers, and link no mail root.
CLIENT = stdio/client.c stdio/connect.c stdio/connection.c stdio/failure.c \
	stdio/sasl_login.c stdio/temporary.c $(REPORT)
TOOL  = store/mailstore.c store/mailstore_accounts.c store/mailstore_check.c \
	store/mailstore_check_entry.c store/mailstore_check_mailbox.c \
	store/mailstore_check_outgoing.c \
	store/mailstore_export.c store/mailstore_import.c \
	store/mailstore_list.c store/mailstore_queue.c \
	store/mailstore_settings.c store/mbox.c $(REPORT)

SEND  = smtp-stdio/answer.c smtp-stdio/attachment.c smtp-stdio/compose.c \
	smtp-stdio/content.c smtp-stdio/field.c smtp-stdio/letter.c \
	smtp-stdio/mailbox_list.c smtp-stdio/mime_encode.c \
	smtp-stdio/queue_book.c smtp-stdio/queue_report.c \
	smtp-stdio/queue_run.c smtp-stdio/queue_send.c \
	smtp-stdio/queue_worker.c smtp-stdio/recipients.c \
	smtp-stdio/route.c smtp-stdio/smtp_client.c \
	smtp-stdio/submission.c smtp-stdio/submission_letter.c
FETCH = pop3-stdio/charset.c pop3-stdio/columns.c pop3-stdio/fetch_list.c \
	pop3-stdio/fetch_listing.c pop3-stdio/fetch_login.c \
	pop3-stdio/fetch_read.c pop3-stdio/fetch_remove.c \
	pop3-stdio/fetch_save.c pop3-stdio/fetch_session.c \
	pop3-stdio/fetch_show.c pop3-stdio/fetch_spool.c \
	pop3-stdio/header_fields.c pop3-stdio/header_text.c \
	pop3-stdio/html_text.c pop3-stdio/mail_date.c pop3-stdio/mime.c \
	pop3-stdio/mime_parameter.c pop3-stdio/save_directory.c \
	pop3-stdio/save_record.c pop3-stdio/text_output.c \
	pop3-stdio/transfer_encoding.c

PROGRAMS = $(BUILD)/smtp-stdio $(BUILD)/pop3-stdio $(BUILD)/mailstore
CLIENTS  = $(BUILD)/smtp-send $(BUILD)/pop3-fetch
MANUALS  = smtp-stdio/smtp-send.1 smtp-stdio/smtp-stdio.8 \
	pop3-stdio/pop3-fetch.1 pop3-stdio/pop3-stdio.8 store/mailstore.8 store/mailstore.5
UNITS    = $(patsubst %.c,$(BUILD)/%,$(filter-out \
	$(if $(HEAP),,tests/stdio/heap_test.c),$(wildcard tests/*/*_test.c)))

all: $(PROGRAMS) $(CLIENTS)

# crypt(3) is in a library of its own, in libc itself, or not there at all;
# without it the stored passwords of that form are refused as malformed.
links_crypt = $(shell printf 'char *crypt(const char *, const char *); \
	int main(void) { return crypt("", "") == 0; }' | \
	$(CC) -x c -o /dev/null - $(1) 2>/dev/null && echo yes)
CRYPT := $(if $(call links_crypt,-lcrypt),-lcrypt,$(if $(call links_crypt),,none))
ifeq ($(CRYPT),none)
override CRYPT =
DEFINES += -DWITHOUT_CRYPT
endif

object = $(patsubst %.c,$(BUILD)/objects/%.o,$(1))
link   = mkdir -p $(@D) && $(CC) $(CFLAGS) $(SMALL_LINK) $(HARDEN_LINK) $(SMALL_STATIC) -o $@ \
	$(filter-out $(REPLACED),$^) $(LDFLAGS) $(CRYPT)

# The clients ask the system's resolver for addresses, which glibc can load
# into a dynamic program only.
DYNAMIC = $(if $(IS_MUSL),$(LDFLAGS),$(patsubst -static-pie,-pie,$(filter-out -static,$(LDFLAGS))))
link_client = mkdir -p $(@D) && $(CC) $(CFLAGS) $(SMALL_LINK) $(HARDEN_LINK) -o $@ \
	$(filter-out $(REPLACED),$^) $(DYNAMIC) $(CRYPT)

$(BUILD)/smtp-stdio $(BUILD)/fault/smtp-stdio: $(call object,smtp-stdio/smtp-stdio.c $(SMTP) $(STDIO) $(STORE) $(HEAP) $(ORIGIN))
	$(link)

$(BUILD)/pop3-stdio $(BUILD)/fault/pop3-stdio: $(call object,pop3-stdio/pop3-stdio.c $(POP3) $(STDIO) $(STORE) $(HEAP) $(ORIGIN))
	$(link)

$(BUILD)/smtp-send $(BUILD)/fault/smtp-send: $(call object,smtp-stdio/smtp-send.c $(SEND) $(SMTP) $(CLIENT) $(STDIO) $(STORE))
	$(link_client)

$(BUILD)/pop3-fetch: $(call object,pop3-stdio/pop3-fetch.c $(FETCH) $(CLIENT) $(STDIO) $(STORE))
	$(link_client)

$(foreach _,smtp-stdio pop3-stdio,$(BUILD)/$_ $(BUILD)/fault/$_): LDFLAGS += $(if $(ORIGIN),$(NO_ORIGIN)=origin_unknown)

# Nothing but store/ is linked here: so it stands alone.
$(BUILD)/mailstore $(BUILD)/fault/mailstore: $(call object,$(TOOL) $(STORE))
	$(link)

# The same programs once more, but that every system call on the store fails
# when a test tells it to; beside them what kills a program at any call.
FAULTY = $(patsubst $(BUILD)/%,$(BUILD)/fault/%,$(PROGRAMS)) $(BUILD)/fault/smtp-send
$(FAULTY): REPLACED = $(call object,store/durable.c)
$(FAULTY): LDFLAGS += -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc
$(FAULTY): $(BUILD)/objects/fault/store/durable.o $(call object,tests/faults/faulty_calls.c)

$(BUILD)/fault/kill_at_call $(BUILD)/fault/older_landlock: \
    $(BUILD)/fault/%: $(BUILD)/objects/tests/faults/%.o $(call object,tests/faults/traced.c)
	$(link)

$(BUILD)/fault/call_from_inside: $(call object,tests/faults/call_from_inside.c)
	$(link)

fault: $(FAULTY) $(patsubst %,$(BUILD)/fault/%,kill_at_call older_landlock call_from_inside)

ifndef SANITIZE
$(call object,store/mailbox_order.c store/sha256.c stdio/dot_stuffing.c): CFLAGS += -O2
endif

ifeq ($(SANITIZE),memory)
$(call object,store/durable.c store/random.c tests/faults/faulty_calls.c): DEFINES += -include tests/faults/calls_that_write.h
endif

compile = mkdir -p $(@D) && \
	$(CC) $(STANDARD) $(WARNINGS) $(DEFINES) $(SMALL) $(HARDEN) $(CFLAGS) $(COUNTED_AS) -MMD -MP -c -o $@ $<

$(BUILD)/objects/%.o: %.c
	$(compile)

$(BUILD)/objects/fault/%.o: %.c
	$(compile) -include tests/faults/faulty_calls.h

# A unit test links the floor that it tests and those below.  The protocols
# do not know each other, and their functions have the same names.
$(BUILD)/tests/store/%_test: $(call object,tests/store/%_test.c $(filter-out store/mailstore%,$(TOOL)) $(STORE))
	$(link)
$(BUILD)/tests/stdio/%_test: $(call object,tests/stdio/%_test.c $(CLIENT) $(STDIO) $(STORE))
	$(link_client)
$(BUILD)/tests/stdio/heap_test: $(call object,$(HEAP))
$(BUILD)/tests/smtp-stdio/%_test: $(call object,tests/smtp-stdio/%_test.c $(SEND) $(SMTP) $(CLIENT) $(STDIO) $(STORE))
	$(link_client)
$(BUILD)/tests/pop3-stdio/%_test: $(call object,tests/pop3-stdio/%_test.c $(FETCH) $(POP3) $(CLIENT) $(STDIO) $(STORE))
	$(link_client)
.SECONDARY:

-include $(shell find $(BUILD)/objects -type f -name '*.d' 2>/dev/null)

# What is quick is in check, the rest in check-full.  STRICT=1 makes a test
# that cannot run here a failure.  Many tests wait for something most of the
# time, so more of them run at once (JOBS) than there may be processors.
TESTS      = $(wildcard tests/*.t tests/*/*.t tests/*/*.session)
ifneq ($(SANITIZE)$(COVERAGE),)         # what these look at shows the plain build, ..
TESTS     := $(filter-out tests/peers/% tests/systemd/% tests/bench/% tests/lint/% \
	tests/installed.t tests/manuals.t tests/readme.t tests/stdio/hardening.t \
	tests/smtp-stdio/queue-costs.t,$(TESTS))
endif
ifdef SANITIZE          # .. and these start hundreds of processes for what others go through as well
TESTS     := $(filter-out tests/load/% tests/model/% tests/faults/memory-runs-out.t \
	tests/faults/failing-calls.t tests/smtp-stdio/submission-header.t \
	tests/stdio/proxy.t \
	tests/stdio/capabilities-are-true.t tests/stdio/log-cannot-be-forged.t \
	tests/stdio/checkpassword-time-limit.t \
	tests/stdio/checkpassword-verdicts.t tests/store/forward-graphs.t \
	tests/store/import-killed.t tests/store/verifiers.t,$(TESTS))
endif
TESTS_FULL = $(wildcard tests/*/full/*.t)
JOBS       = 6
PROVE      = BUILD='$(BUILD)' STRICT='$(STRICT)' SANITIZED='$(SANITIZE)' \
	CC='$(CC)' prove -j$(JOBS) --exec tests/run

programs-for-tests: all fault $(UNITS)

check: programs-for-tests
	$(PROVE) $(UNITS) $(TESTS)

check-full: programs-for-tests
	$(PROVE) $(UNITS) $(TESTS) $(TESTS_FULL)

demo: all
	BUILD='$(BUILD)' tests/demo

serve: all
	BUILD='$(BUILD)' tests/serve

# Which lines and branches `make check` runs: tests/coverage/run says more.
COUNTED = $(BUILD)/coverage
COUNT   = --no-print-directory -s BUILD='$(COUNTED)' CC=clang COVERAGE='$(COUNTED)/counts'
coverage:
	@command -v clang llvm-cov llvm-profdata >/dev/null || \
	    { echo 'no clang, llvm-cov or llvm-profdata: packages clang and llvm'; exit 1; }
	$(MAKE) $(COUNT) programs-for-tests
	BUILD='$(COUNTED)' COUNTS='$(COUNTED)/counts' CHECK="$(MAKE) $(COUNT) check" \
	    CLIENTS='$(SEND) $(FETCH) smtp-stdio/smtp-send.c pop3-stdio/pop3-fetch.c' tests/coverage/run

# What the programs cost: tests/bench/run says what ONLY= and QUICK=1 are.
bench:
	BUILD='$(BUILD)' ONLY='$(ONLY)' QUICK='$(QUICK)' tests/bench/run

# Each fuzz target takes the inputs that are kept, then SECONDS of afl-fuzz(1):
# tests/fuzz/README says more.  They are built below $(BUILD)/fuzz.
FUZZ_CC = $(firstword $(foreach cc,afl-clang-fast afl-gcc-fast,$(shell command -v $(cc))))
fuzz: $(BUILD)/mailstore
	@test -n '$(FUZZ_CC)' || { echo 'no AFL++: its package is afl++'; exit 1; }
	AFL_QUIET=1 $(MAKE) BUILD='$(BUILD)/fuzz' CC='$(FUZZ_CC)' SANITIZE='$(or $(SANITIZE),1)' fuzz-targets
	BUILD='$(BUILD)' SECONDS='$(SECONDS)' ONLY='$(ONLY)' tests/fuzz/run

target = $(addprefix $(BUILD)/targets/,$(1))
fuzz-targets: $(call target,smtp pop3 fetch send lines address login store)

# What runs sessions has descriptors, random octets and passwords of its own;
# and servers are not confined.
$(call target,smtp pop3 fetch send lines): LDFLAGS += \
	-Wl,--wrap=read,--wrap=getentropy,--wrap=waitpid,--wrap=pbkdf2_sha256
$(call target,smtp pop3): REPLACED = $(call object,stdio/confine.c)
$(call target,login): LDFLAGS += -Wl,--wrap=pbkdf2_sha256

fuzz_parser  = $(call object,$(addprefix tests/fuzz/,target.c $(1)))
fuzz_session = $(call fuzz_parser,wire.c iterations.c $(1))
fuzz_server  = $(call fuzz_session,mail_files.c no_confine.c $(1))

$(call target,smtp): $(call fuzz_server,smtp.c smtp_judge.c) $(call object,$(SMTP) $(STDIO) $(STORE))
	$(link)
$(call target,pop3): $(call fuzz_server,pop3.c pop3_judge.c) $(call object,$(POP3) $(STDIO) $(STORE))
	$(link)
$(call target,fetch): $(call fuzz_session,fetch.c shown.c) $(call object,$(FETCH) $(POP3) $(CLIENT) $(STDIO) $(STORE))
	$(link)
$(call target,send): $(call fuzz_session,send.c shown.c) $(call object,$(SEND) $(SMTP) $(CLIENT) $(STDIO) $(STORE))
	$(link)
$(call target,lines): $(call fuzz_session,lines.c) $(call object,$(STDIO) $(STORE))
	$(link)
$(call target,address): $(call fuzz_parser,address.c) $(call object,$(SEND) $(SMTP) $(CLIENT) $(STDIO) $(STORE))
	$(link)
$(call target,login): $(call fuzz_parser,login.c iterations.c) $(call object,$(STDIO) $(STORE))
	$(link)
$(call target,store): $(call fuzz_parser,store.c) $(call object,$(filter-out store/mailstore%,$(TOOL)) $(STORE))
	$(link)

# What sessions cannot cost less than, and what measures them.
$(BUILD)/floor: $(call object,tests/bench/floor.c)
	$(link)
$(BUILD)/converse $(BUILD)/load: $(BUILD)/%: $(call object,tests/bench/%.c tests/bench/script.c)
	$(link)

SOURCES = $(wildcard */*.c tests/faults/*.c tests/bench/*.c tests/fuzz/*.c)

# Every finding is an error; a suppression in the source says its reason.
lint:
	CC='$(CC)' tests/lint-layers
	tests/lint-ids
	mandoc -Tlint -W warning $(MANUALS)
	cppcheck --quiet -j2 --std=c11 --enable=warning,performance,portability \
	    --error-exitcode=1 --inline-suppr -I. $(DEFINES) $(SOURCES)
	printf '%s\n' $(SOURCES) | xargs -P2 -I{} gcc $(STANDARD) $(WARNINGS) -Werror \
	    $(DEFINES) -O2 -fanalyzer -c -o /dev/null {}
	printf '%s\n' $(SOURCES) | xargs -P2 -I{} clang-tidy --quiet {} -- \
	    $(STANDARD) $(DEFINES) 2>/dev/null
	shellcheck tests/demo tests/serve tests/bench/install-peers tests/peers/checkpassword/* \
	    tests/peers/filter/* .ci/run

# What is installed names the paths of this installation.
paths = sed -e 's|@SBINDIR@|$(PREFIX)/sbin|g' -e 's|@BINDIR@|$(PREFIX)/bin|g' \
	-e 's|@MAILROOT@|$(MAILROOT)|g' \
	-e 's|@SYSCONFDIR@|$(SYSCONFDIR)|g'

# One configuration of stunnel(8) for each service, from one template.  Each is
# a command: it can be executed.
EXAMPLES = $(DESTDIR)$(PREFIX)/share/doc/mail-stdio
stunnel = $(paths) -e 's|@PROGRAM@|$(PREFIX)/sbin/$(2)|' -e 's|@NAME@|$(2)|' \
	-e 's|@FLAGS@|$(3)|' -e 's|@USE@|$(4)|' stdio/stunnel.conf.in \
	>'$(EXAMPLES)/stunnel-$(1).conf' && \
	chmod 755 '$(EXAMPLES)/stunnel-$(1).conf'

# The services, each with its part that others have, too.  Nothing is enabled,
# nor is disabled what an administrator has.
UNIT_FILES   = $(notdir $(wildcard $(patsubst %,systemd/*.%.in,socket service path timer)))
XINETD_FILES = $(notdir $(filter-out %/limits.in,$(wildcard xinetd.d/*.in)))
with = -e '/^@$(1)@$$/{' -e 'r $(2).in' -e 'd' -e '}'
unit = sed $(call with,SESSION,systemd/session) $(call with,TLS,systemd/tls) \
	$(call with,SOCKET,systemd/socket) 'systemd/$(1).in' | \
	sed $(call with,CONFINED,systemd/confined) | $(paths) \
	-e 's|@STUNNEL@|stunnel-$(firstword $(subst -, ,$(subst @, ,$(1)))).conf|g' | \
	install -m 644 /dev/stdin '$(DESTDIR)$(SYSTEMDDIR)/$(1)'
xinetd = { test -e '$(DESTDIR)$(SYSCONFDIR)/xinetd.d/$(1)' || \
	sed $(call with,LIMITS,xinetd.d/limits) xinetd.d/$(1).in | $(paths) | \
	install -m 644 /dev/stdin '$(DESTDIR)$(SYSCONFDIR)/xinetd.d/$(1)'; }

install: all
	install -d '$(DESTDIR)$(PREFIX)/sbin' '$(DESTDIR)$(PREFIX)/bin' \
	    '$(EXAMPLES)' '$(DESTDIR)$(PREFIX)/share/man/man1' \
	    '$(DESTDIR)$(PREFIX)/share/man/man8' \
	    '$(DESTDIR)$(PREFIX)/share/man/man5' \
	    '$(DESTDIR)$(SYSCONFDIR)/fail2ban/filter.d' \
	    '$(DESTDIR)$(SYSTEMDDIR)' '$(DESTDIR)$(SYSUSERSDIR)' \
	    '$(DESTDIR)$(TMPFILESDIR)' '$(DESTDIR)$(SYSCONFDIR)/xinetd.d'
	install -m 755 $(PROGRAMS) '$(DESTDIR)$(PREFIX)/sbin'
	install -m 755 $(CLIENTS) '$(DESTDIR)$(PREFIX)/bin'
	install -m 644 $(filter %.1,$(MANUALS)) \
	    '$(DESTDIR)$(PREFIX)/share/man/man1'
	install -m 644 $(filter %.8,$(MANUALS)) \
	    '$(DESTDIR)$(PREFIX)/share/man/man8'
	install -m 644 $(filter %.5,$(MANUALS)) \
	    '$(DESTDIR)$(PREFIX)/share/man/man5'
	install -m 644 stdio/fail2ban.conf \
	    '$(DESTDIR)$(SYSCONFDIR)/fail2ban/filter.d/mail-stdio.conf'
	$(call stunnel,smtp,smtp-stdio,-s -g,STARTTLS on port 25: smtp-stdio -T this file)
	$(call stunnel,submission,smtp-stdio,-a -s -g,STARTTLS on port 587: smtp-stdio -a -T this file)
	$(call stunnel,submissions,smtp-stdio,-a -s,TLS from the start on port 465: the supervisor runs this file)
	$(call stunnel,pop3,pop3-stdio,-s -g,STLS on port 110: pop3-stdio -T this file)
	$(call stunnel,pop3s,pop3-stdio,-s,TLS from the start on port 995: the supervisor runs this file)
	$(foreach file,$(UNIT_FILES:.in=),$(call unit,$(file)) &&) true
	$(foreach file,$(XINETD_FILES:.in=),$(call xinetd,$(file)) &&) true
	$(paths) systemd/sysusers.conf.in | \
	    install -m 644 /dev/stdin '$(DESTDIR)$(SYSUSERSDIR)/mail-stdio.conf'
	$(paths) systemd/tmpfiles.conf.in | \
	    install -m 644 /dev/stdin '$(DESTDIR)$(TMPFILESDIR)/mail-stdio.conf'

clean:
	rm -rf '$(BUILD)'

.PHONY: all fault programs-for-tests check check-full coverage demo serve bench fuzz fuzz-targets lint install clean
