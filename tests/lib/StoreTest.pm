# What the tests of the store, of POP3 and of faults share: a mail root of their
# own, mailstore with its output, POP3 and SMTP conversations, strace.
package StoreTest;

use strict;
use warnings;
use Exporter qw(import);
use MailRoot qw(program new_directory remove_directory);
use Program;
use Test::More;

our @EXPORT = qw(new_root mailstore add converse put maildir entries pop3 logged_in ask lines
	pop3_session smtp_session plain_build needs_root needs_strace octets_of
	same_octets held queue_id queue_entry);

my ($owner, $work, $roots) = ($$, undef, 0);

END { remove_directory($work) if $work && $$ == $owner }

# The path of a mail root that does not exist yet, below a directory of this test's.
sub new_root {
	return work_directory() . '/' . ++$roots;
}

# Others may pass through it, for a root may belong to any user.
sub work_directory {
	if (!$work) {
		$work = new_directory();
		chmod 0711, $work;
		$SIG{$_} = sub { exit 1 } for qw(INT TERM HUP);         # runs END
	}
	return $work;
}

# Runs mailstore.  Returns its status, standard output and standard error.
sub mailstore {
	my ($root, $input, @arguments) = @_;
	my $errors = work_directory() . "/errors.$$";           # the root's disk may be in trouble
	my ($output, $status) = MailRoot::run($input, [program('mailstore'), '-d', $root, @arguments],
	    errors => $errors, limit => 60);
	my $said = octets_of($errors);
	unlink $errors;
	return ($status, $output, $said);
}

# Makes an account, with a password or (undef) without.
sub add {
	my ($root, $address, $password) = @_;
	MailRoot::add_account($root, $address, $password);
}

sub maildir {
	my ($root, $address) = @_;
	my ($local, $domain) = $address =~ /^(.*)@([^@]*)$/;
	return "$root/mail/$domain/$local";
}

# Lays a file into the mail root, and makes the directories on the way.
sub put {
	my ($root, $path, $octets) = @_;
	my $at = $root;
	my @parts = split m{/}, $path;
	my $name = pop @parts;
	for (@parts) {
		$at .= "/$_";
		mkdir $at, 0700 or -d $at or die "$at: $!\n";
	}
	open my $file, '>:raw', "$at/$name" or die "$at/$name: $!\n";
	print $file $octets;
	close $file or die "$at/$name: $!\n";
	chmod 0600, "$at/$name";
}

sub octets_of {
	return MailRoot::contents(@_);
}

# Has another process hold the lock on a file, for as long as what is returned is there.
sub held {
	my ($path) = @_;
	my $holder = Program->start(command => [ $^X, '-MFcntl', '-e', <<'END', $path ]);
open my $file, '+<', $ARGV[0] or die "$ARGV[0]: $!\n";
my $lock = pack 's s l! l! i x64', F_WRLCK, 0, 0, 0, 0;
fcntl $file, F_SETLK, $lock or die "fcntl: $!\n";
$| = 1;
print "held\r\n";
sleep 1 while getppid != 1;
END
	die "cannot lock $path\n" if ($holder->line // '') ne 'held';
	return $holder;
}

# The n-th id that an entry of the queue may have.
sub queue_id {
	my ($number) = @_;
	return sprintf '%05x%016x', $number, $number;
}

# Lays an entry into the queue: the message, and its envelope, due at this time.
sub queue_entry {
	my ($root, $id, $message, $envelope, $due) = @_;
	put($root, "outgoing/message/$id", $message) if defined $message;
	return unless defined $envelope;
	put($root, "outgoing/envelope/$id", $envelope);
	utime $due, $due, "$root/outgoing/envelope/$id" if defined $due;
}

# Everything below a directory, as paths relative to it, sorted.
sub entries {
	my ($directory, $prefix) = @_;
	$prefix = '' unless defined $prefix;
	opendir my $listing, $directory or return ();
	my @names = sort grep { !/^\.\.?$/ } readdir $listing;
	my @found;
	for (@names) {
		my $path = "$directory/$_";
		push @found, "$prefix$_";
		push @found, entries($path, "$prefix$_/") if -d $path && !-l $path;
	}
	return @found;
}

# Starts pop3-stdio on a mail root, flags behind -p, and takes its greeting.
sub pop3 {
	my ($root, %with) = @_;
	my @before = @{delete $with{before} || []};
	my @flags = @{delete $with{flags} || []};
	my $client = Program->start(command => [@before, program('pop3-stdio'), '-d', $root, '-p', @flags],
	    limit => 30, %with);
	$client->line;
	return $client;
}

# The same, logged in; dies where that fails.
sub logged_in {
	my ($root, $address, $password, %with) = @_;
	my $client = pop3($root, %with);
	ask($client, "USER $address");
	my $reply = ask($client, "PASS $password");
	die "login: $reply\n" unless $reply =~ /^\+OK/;
	return $client;
}

# Sends a command and returns the first line of the reply, '' at the end.
sub ask {
	my ($client, $command) = @_;
	$client->send("$command\r\n");
	my $line = $client->line;
	return defined $line ? $line : '';
}

# Sends a command with a multi-line reply and returns its first line and the text, as
# it was before dot stuffing.
sub lines {
	my ($client, $command) = @_;
	my $first = ask($client, $command);
	my $text = '';
	return ($first, $text) unless $first =~ /^\+OK/;
	while (defined(my $line = $client->line)) {
		return ($first, $text) if $line eq '.';
		$line =~ s/^\.//;
		$text .= "$line\r\n";
	}
	return ($first, undef);
}

# A whole POP3 session in one piece.  Returns its output and the status.
sub pop3_session {
	my ($root, $input, %with) = @_;
	my @command = (@{$with{before} || []}, program('pop3-stdio'), '-d', $root, '-p', @{$with{flags} || []});
	return converse($input, \@command);
}

# A whole SMTP session in one piece.  Returns its output and the status.
sub smtp_session {
	my ($root, $input, %with) = @_;
	my @command = (@{$with{before} || []}, program('smtp-stdio'), '-d', $root, '-h', 'mail.example.org',
	    @{$with{flags} || []});
	return converse($input, \@command);
}

# Runs a program whose input may end nowhere, as after a crash.
sub converse {
	my ($input, $command) = @_;
	return MailRoot::run($input, $command, limit => 60);
}

# Ends the test well where programs are built for something else than use: sanitizers
# hold memory of their own, make their own system calls, and cannot be traced.
sub plain_build {
	my ($what) = @_;
	return unless $ENV{SANITIZED};
	plan(tests => 1);
	pass("$what: for the plain build, there is nothing to see in this one");
	exit 0;
}

sub needs_root {
	return if $> == 0;
	missing('needs root: a mail root of another owner');
}

sub needs_strace {
	for (split /:/, $ENV{PATH}) {
		next unless -x "$_/strace";
		return if system("$_/strace -qq -o /dev/null true 2>/dev/null") == 0;
		missing('strace may not trace here');
	}
	missing('needs strace (Debian package strace)');
}

sub missing {
	my ($reason) = @_;
	if ($ENV{STRICT}) {
		plan(tests => 1);
		fail($reason);
		exit 1;
	}
	plan(skip_all => $reason);
}

# Compares long texts and shows where they part.
sub same_octets {
	my ($got, $expected, $name) = @_;
	my $good = defined $got && $got eq $expected;
	ok($good, $name);
	return $good if $good;
	return diag('nothing came') unless defined $got;
	my $at = 0;
	(($got ^ $expected) =~ /^(\0*)/) and $at = length $1;
	diag("octet $at of ", length $got, ', expected ', length $expected, ': ',
	    Program::visible(substr $got, $at, 60), "\nexpected: ",
	    Program::visible(substr $expected, $at, 60));
	return 0;
}

1;
