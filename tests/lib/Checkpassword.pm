# A checkpassword program whose answer stands in the password that it is given, and that
# writes down what it was run with; and logins, told the same way for SMTP and POP3.
package Checkpassword;

use strict;
use warnings;
use Cwd qw(getcwd);
use Exporter qw(import);
use MailTest;
use MIME::Base64 qw(encode_base64);

our @EXPORT = qw(empty_root new_checker calls_of record_of greeted login fail_to_login @LOGINS);

# Ways to send a name and a password: program and mechanism.
our @LOGINS = (
	[ 'smtp-stdio', 'PLAIN' ],
	[ 'smtp-stdio', 'LOGIN' ],
	[ 'pop3-stdio', 'USER' ],
	[ 'pop3-stdio', 'PLAIN' ],
	[ 'pop3-stdio', 'LOGIN' ],
);

# A mail root in which nothing is yet.
sub empty_root {
	my $root = new_root();
	mkdir $root, 0700 or die "$root: $!\n";
	return $root;
}

# A new one.  Returns its path; records lie beside it.  A password "exit-N" makes it exit
# with N, "killed" ends it by a signal, "asleep" lets it sleep for ten minutes, "stubborn"
# the same without minding SIGTERM, "parent" leaves a sleeping child behind, "noisy" says
# something everywhere, "secret" is right, and all else is wrong.
sub new_checker {
	my $path = new_file('checkpassword');
	$path = getcwd() . "/$path" if $path !~ m{^/};
	open my $file, '>', $path or die "$path: $!\n";
	print $file <<'SCRIPT';
#!/bin/sh
at=${0%/*}
echo $$ >>"$at/calls"
ls -l /proc/$$/fd >"$at/descriptors" 2>/dev/null
for argument; do printf '%s\n' "$argument"; done >"$at/arguments"
cat /proc/$$/cmdline >"$at/cmdline" 2>/dev/null
cat /proc/$$/environ >"$at/environment" 2>/dev/null
cat <&3 >"$at/input"
exec 3<&-
case $(tr '\0' '\n' <"$at/input" | sed -n 2p) in
exit-*) exit "$(tr '\0' '\n' <"$at/input" | sed -n '2s/exit-//p')" ;;
killed) kill -KILL $$ ;;
asleep) exec sleep 600 ;;
stubborn) trap '' TERM INT HUP; sleep 600; exit 0 ;;
parent) sleep 60 & echo $! >"$at/child"; exit 0 ;;
noisy) echo output; echo errors >&2; cat; exit 0 ;;
secret) exit 0 ;;
esac
exit 1
SCRIPT
	close $file or die "$path: $!\n";
	chmod 0755, $path;
	return $path;
}

# How often it has run, as process ids.
sub calls_of {
	my ($checker) = @_;
	my ($path) = $checker =~ m{^(.*)/} or die;
	my @calls = -e "$path/calls" ? split ' ', contents("$path/calls") : ();
	return @calls;
}

# What its last run wrote down: arguments, cmdline, descriptors, environment or input.
# Descriptors from 10 on are the shell's own.
sub record_of {
	my ($checker, $what) = @_;
	my ($path) = $checker =~ m{^(.*)/} or die;
	return -e "$path/$what" ? contents("$path/$what") : undef;
}

# Starts a program of ours that asks the checker, and takes its greeting.
sub greeted {
	my ($name, $root, $command, %with) = @_;
	my @flags = @{delete $with{flags} || ['-p']};
	my $client = start($name, $root, [ @flags, '-A', $command ], limit => 60, %with);
	$client->line;
	$client->ask('EHLO client.example') if $name eq 'smtp-stdio';
	return $client;
}

# Logs in.  Returns the last line of the reply.
sub login {
	return try_login(0, @_);
}

# The same where the answer will be no: a client that says that nothing more will come need
# not wait for that.
sub fail_to_login {
	return try_login(1, @_);
}

sub try_login {
	my ($closing, $client, $name, $mechanism, $user, $password) = @_;
	my $plain = encode_base64("\0$user\0$password", '');
	my @lines = $mechanism eq 'USER' ? ("USER $user", "PASS $password")
	    : $mechanism eq 'LOGIN' ? ('AUTH LOGIN', encode_base64($user, ''), encode_base64($password, ''))
	    : length $plain < 200 ? "AUTH PLAIN $plain" : ('AUTH PLAIN', $plain);      # POP3's commands are short
	my $reply;
	for my $number (0 .. $#lines) {
		$client->send("$lines[$number]\r\n");
		$client->close_input if $closing && $number == $#lines;
		$reply = $client->line;
		return $reply unless defined $reply && $reply =~ /^(?:\+|334 )/;
	}
	return $reply;
}

1;
