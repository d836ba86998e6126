# Faults at system calls that are chosen, not met by chance: the first, the second, the third
# ... call of a session fails, or the program is killed in front of it, until a session gets
# through without.  What must hold after each of them is judged here and in FaultScenarios.
package FaultTest;

use strict;
use warnings;
use Exporter qw(import);
use MailRoot qw(contents messages program remove_directory run);
use Program;
use Queue;
use StoreTest;
use Test::More;

our @EXPORT = qw(each_fault each_failing_call each_kill accounts_root send_messages smtp_client
	send_one say_to judge_delivery is_message deleting_root send_deletions judge_deletions
	faults_in_saving);

my $calls_max = 2000;   # in a session; more are no test but a mistake

# A session for each number from 1 on, in a copy of a mail root.  Named arguments:
#   root      mail root as it is before
#   session   sub ($root, @before): the session, its programs started behind @before;
#             returns whatever the judge wants
#   judge     sub ($root, $name, $result): what must hold
#   before    sub ($log, $number): what programs are started behind to meet their fault
#   happened  sub ($log, $number): which fault it was in words; '' where there was none
#   past      what the first session without a fault is called; without it, it is not judged
#             where that was the first of all
# Returns how many faults there were.
sub each_number {
	my (%with) = @_;
	for my $number (1 .. $calls_max) {
		my $root = new_root();
		system('cp', '-pR', $with{root}, $root) == 0 or die "cp: $?\n";
		my $log = "$root.log";
		my $result = $with{session}->($root, $with{before}->($log, $number));
		my $fault = $with{happened}->($log, $number);
		unlink $log;
		my $name = $fault || $with{past};
		subtest $name => sub { $with{judge}->($root, $name, $result) } if $fault || $number > 1;
		remove_directory($root);
		return $number - 1 unless $fault;
	}
	die "there is no end to the calls of a session\n";
}

# Programs whose calls on the store fail, by way of store/durable: each call of a session,
# whatever process makes it.  Besides root, session and judge:
#   error     as FAULT_ERROR in tests/faults/faulty_calls.h has it
# The judge's name says which call it was: "EIO at linkat, call 17", "EIO at no call".
sub each_failing_call {
	my (%with) = @_;
	my $session = $with{session};
	return each_number(
		root => $with{root}, judge => $with{judge}, past => "$with{error} at no call",
		session => sub {
			local $ENV{BUILD} = program('fault');
			return $session->(@_);
		},
		before => sub {
			my ($log, $number) = @_;
			open my $file, '>', $log or die "$log: $!\n";
			truncate $file, 16 * (1 + $calls_max) or die "$log: $!\n";
			chmod 0666, $log;
			return ('env', "FAULT_LOG=$log", "FAULT_CALL=$number", "FAULT_ERROR=$with{error}");
		},
		happened => sub {
			my ($log, $number) = @_;
			my ($made, @calls) = unpack 'L! x![16] (Z16)*', octets_of($log);
			return $made < $number ? '' : "$with{error} at $calls[$number - 1], call $number";
		});
}

# A kill in front of each system call of any kind that a session makes, also those of the
# C library's and those that have nothing to do with the store.
sub each_kill {
	my (%with) = @_;
	return each_number(
		%with, past => 'kill at no call',
		before => sub {
			my ($log, $number) = @_;
			return (program('fault/kill_at_call'), $number, $log);
		},
		happened => sub {
			my ($log, $number) = @_;
			return octets_of($log) < $number ? '' : "kill at call $number";
		});
}

# Calls that are one to us: which of them a C library makes depends on the machine.
# The question mark lets strace pass over what a machine does not have.
my %ALSO = (
	openat => '?open', write => 'writev,?pwrite64', fsync => 'fdatasync', linkat => '?link',
	mkdirat => '?mkdir', unlinkat => '?unlink,?rmdir', renameat => '?rename,?renameat2',
	fstat => '?newfstatat,?statx', dup2 => '?dup3',
);

# A fault at each use of each of some calls, by strace.  Besides root, session and judge:
#   calls     names of system calls
#   fault     as strace's inject= has it: signal=KILL, error=EIO
#   always    more faults, as inject= has them, in every session (only with signal=KILL)
sub each_fault {
	my (%with) = @_;
	my $faults = 0;
	my @always = @{$with{always} || []};
	for my $call (@{$with{calls}}) {
		my $set = $ALSO{$call} ? "$call,$ALSO{$call}" : $call;
		my $traced = join ',', $set, map { /^([^:]+)/ } @always;
		$faults += each_number(
			%with, past => "past the last $call",
			before => sub {
				my ($trace, $number) = @_;
				return ('strace', '-f', '-q', '-o', $trace, '-e', "trace=$traced", '-e',
				    "inject=$set:$with{fault}:when=$number", map { ('-e', "inject=$_") } @always);
			},
			happened => sub {
				my ($trace, $number) = @_;
				my $sign = @always ? qr/killed by SIGKILL/ : qr/\(INJECTED\)|killed by SIGKILL/;
				return octets_of($trace) =~ $sign ? "$with{fault} at $call $number" : '';
			});
	}
	return $faults;
}

# Delivery -------------------------------------------------------------------------

my @PASSWORD = ('secret');

# A mail root with so many accounts; with Maildirs, or as if they were still to be made.
sub accounts_root {
	my ($count, $with_maildirs) = @_;
	my $root = new_root();
	my @accounts = map { "user$_\@example.com" } 1 .. $count;
	add($root, $_, @PASSWORD) for @accounts;
	remove_directory("$root/mail");
	if ($with_maildirs) {
		for my $account (@accounts) {
			my $maildir = substr maildir($root, $account), length($root) + 1;
			put($root, "$maildir/$_/.keep", '') for 'tmp', 'new', 'cur';
		}
	}
	return ($root, @accounts);
}

# Sends messages as a client does: each command after the reply to the one before, and
# none to some of its recipients only.
# Returns the final reply to each, '' where there was none.
sub send_messages {
	my ($root, $before, $accounts, @messages) = @_;
	my ($client, $good) = smtp_client($root, before => $before);
	my @final = map { $good ? send_one($client, $accounts, $_) : '' } @messages;
	say_to($client, "QUIT\r\n") if $good;
	eval { $client->rest };
	eval { $client->status } if !$@;
	$client->stop;
	return @final;
}

# Starts smtp-stdio, with flags, behind what stands before, with a file for its errors.
# Returns the client and whether it was greeted as it should be.
sub smtp_client {
	my ($root, %with) = @_;
	my @flags = @{$with{flags} || []};
	my $client = Program->start(limit => 60, errors => $with{errors}, command =>
	    [ @{$with{before} || []}, program('smtp-stdio'), '-d', $root, '-h', 'mail.example.org', @flags ]);
	my $hello = (grep { $_ eq '-l' } @flags) ? 'LHLO' : 'EHLO';
	return ($client, say_to($client, '') =~ /^220 / && say_to($client, "$hello client.example\r\n") =~ /^250/);
}

# Sends octets, and returns the reply, '' where there is none; the client keeps them all.
sub say_to {
	my ($client, $octets) = @_;
	$client->send($octets) if length $octets;
	my $reply = eval { $client->reply };
	push @{$client->{replies}}, defined $reply ? $reply : '';
	return $client->{replies}[-1];
}

# One message in an open session, maybe from another (reverse-path and parameters) and with
# parameters (rcpt) for each recipient.  Returns the reply that decides about it; by LMTP,
# where it gets so far, one for each recipient.
sub send_one {
	my ($client, $accounts, $message, $lmtp, %with) = @_;
	my @replies = say_to($client, 'MAIL FROM:' . ($with{from} || '<sender@client.example>') . "\r\n");
	push @replies, say_to($client, "RCPT TO:<$_>" . ($with{rcpt} || '') . "\r\n") for @$accounts;
	push @replies, say_to($client, "DATA\r\n") unless grep { !/^2/ } @replies;
	my ($refused) = grep { !/^[23]/ } @replies;
	if (defined $refused) {
		say_to($client, "RSET\r\n");
		return $lmtp ? ($refused) x @$accounts : $refused;
	}
	my $reply = say_to($client, MailRoot::dot_stuffed(MailRoot::crlf($message)) . ".\r\n");
	return $lmtp ? ($reply, map { say_to($client, '') } 2 .. @$accounts) : $reply;
}

# What was acknowledged is in each mailbox, and for each address of another host in the
# queue, once and whole; what was refused is in none;
# of what got no reply, nothing is in a mailbox in part.  Named arguments:
#   stale     so many files may be left over
#   before    messages, by their paths below the root, that were there before
#   by        of LMTP: { place => recipient } where these are not the same
sub judge_delivery {
	my ($root, $accounts, $messages, $final, %with) = @_;
	my @wrong;
	my %before = map { $_ => 1 } @{$with{before} || []};
	for my $account (@$accounts) {
		my @found = (0) x @$messages;
		for my $path (grep { !$before{substr $_, length($root) + 1} } places($root, $account)) {
			my $stored = octets_of($path);
			my ($number) = grep { is_message($stored, $messages->[$_]) } 0 .. $#$messages;
			push @wrong, "$path is no whole message" unless defined $number;
			$found[$number]++ if defined $number;
			my ($disk, $wire) = $path =~ m{/new/\d+\.[^/,:]+,S=(\d+),W=(\d+)\z};
			push @wrong, "$path has wrong sizes" unless $path =~ m{/outgoing/}
			    || defined $disk && $disk == length $stored && $wire == length MailRoot::crlf($stored);
		}
		for my $number (0 .. $#$messages) {
			my $reply = ref $final->[$number] ? $final->[$number]{$with{by}{$account} || $account} : $final->[$number];
			my $good = $reply =~ /^2/ ? $found[$number] == 1
			    : $reply =~ /^[45]/ ? $found[$number] == 0 : $found[$number] <= 1;
			push @wrong, "message $number, answered '$reply', is $found[$number] times in $account" unless $good;
		}
	}
	ok(!@wrong, 'what is visible is whole, and as the replies said') or diag join "\n", @wrong;
	my @stale = grep { m{^mail/\.incoming/.} || m{/tmp/[^.]} } entries($root);
	cmp_ok(scalar @stale, '<=', $with{stale} || 0, 'nothing is left in mail/.incoming but what may be')
	    or diag join "\n", @stale;
}

# Whether a stored file is this message with a trace on top.
sub is_message {
	my ($stored, $message) = @_;
	return $stored =~ /\AReturn-Path: <\w+\@[\w.]+>\n(?:Delivered-To: \S+\n)*Received: (?:[^\n]*\n\t)*[^\n]*\n\Q$message\E\z/;
}

# Removal --------------------------------------------------------------------------

my @KEPT = (1 .. 5);

sub message_text {
	my ($number) = @_;
	return "Subject: message $number\n\n" . "line $number\n" x $number;
}

sub message_name {
	my ($number) = @_;
	my $text = message_text($number);
	return sprintf '%s/170000000%d.m%d.host,S=%d,W=%d%s', $number % 2 ? 'new' : 'cur', $number, $number,
	    length $text, length MailRoot::crlf($text), $number % 2 ? '' : ':2,S';
}

# A mail root whose mailbox holds messages 1 to 5, in new/ and cur/ by turns.
sub deleting_root {
	my $root = new_root();
	add($root, 'bob@example.com', @PASSWORD);
	put($root, 'mail/example.com/bob/' . message_name($_), message_text($_)) for @KEPT;
	put($root, "mail/example.com/bob/$_/.keep", '') for 'new', 'cur', 'tmp';
	return $root;
}

# A session that marks these and leaves.  Returns the replies by command; none for one
# that was not sent because the session was over or had failed before it.
sub send_deletions {
	my ($root, $before, @marked) = @_;
	my $client = Program->start(command => [@$before, program('pop3-stdio'), '-d', $root, '-p'], limit => 60);
	my %replies;
	my $say = sub {
		my ($command, $sent) = @_;
		$client->send("$command\r\n") if length $command;
		my $reply = eval { $client->line };
		return $replies{$sent || $command} = defined $reply ? $reply : '';
	};
	my $good = $say->('', 'greeting') =~ /^\+OK/;
	for my $command ('USER bob@example.com', "PASS @PASSWORD", map({ "DELE $_" } @marked), 'QUIT') {
		$good &&= $say->($command) =~ /^\+OK/;
	}
	$client->close_input unless $good;
	$replies{rest} = eval { $client->rest };
	$replies{status} = eval { $client->status };
	$client->stop;
	return \%replies;
}

sub judge_deletions {
	my ($root, $replies, @marked) = @_;
	my (%there, @wrong);
	for my $number (@KEPT) {
		my $path = maildir($root, 'bob@example.com') . '/' . message_name($number);
		$there{$number} = -e $path;
		push @wrong, "message $number is not whole" if -e $path && octets_of($path) ne message_text($number);
	}
	my %marked = map { $_ => 1 } @marked;
	push @wrong, map { "message $_ is gone" } grep { !$marked{$_} && !$there{$_} } @KEPT;
	ok(!@wrong, 'each message is whole or gone, and only marked ones are gone') or diag join "\n", @wrong;
	my @left = grep { $there{$_} } @marked;
	if (!defined $replies->{QUIT}) {
		is(scalar @left, scalar @marked, 'without QUIT nothing is removed');
	} elsif ($replies->{QUIT} =~ /^\+OK/) {
		is(scalar @left, 0, 'after +OK to QUIT all marked ones are gone');
	} else {
		like($replies->{QUIT}, qr{^(?:-ERR \[SYS/TEMP\] .*)?\z}, 'QUIT is answered by -ERR, or the end');
	}
	my ($output, $status) = pop3_session($root, "USER bob\@example.com\r\nPASS @PASSWORD\r\nSTAT\r\nQUIT\r\n");
	my $count = grep { $there{$_} } @KEPT;
	like($output, qr/^\+OK $count \d+\r$/m, 'the next session gets the lock and sees the same');
	is($status, 0, 'and ends well');
}

# Saving by pop3-fetch ---------------------------------------------------------------

# The visible messages of a directory, or of a Maildir.
sub saved_messages {
	my ($to) = @_;
	return sort map { contents($_) } grep { -f } glob("$to/*.eml"), glob("$to/new/*");
}

sub save_messages {
	my ($root, $to, @before) = @_;
	my (undef, $status) = run('', [ @before, program('pop3-fetch'), '-d', $root, '-u', 'bob@example.com',
	    'save', $to ], limit => 60);
	return $status;
}

# What must hold after a fault in saving, which ended so, and after the next run.
sub judge_saving {
	my ($root, $to, $ended, @whole) = @_;
	my %whole = map { $_ => 1 } @whole;
	my @seen = saved_messages($to);
	is(scalar(grep { !$whole{$_} } @seen), 0, 'what is visible is whole');
	is(scalar @seen, scalar @whole, 'what ended well has saved all') if $ended eq '0';
	cmp_ok(@seen + messages($root, 'bob@example.com'), '>=', @whole, 'nothing is lost');
	my $deadline = time + 30;
	my $status;
	do {    # the server of the run before may not have seen its end yet
		$status = save_messages($root, $to);
	} while ($status eq '75' && time < $deadline);
	is($status, 0, 'the next run ends well');
	is_deeply([ saved_messages($to) ], \@whole, 'each message is there once');
	is(scalar messages($root, 'bob@example.com'), 0, 'and none on the server');
	is(join(' ', map { glob "$_/.pop3-fetch.*" } $to, "$to/tmp"), '', 'no other file is left');
	is(-s "$to/.pop3-fetch", 0, 'nor anything to remember');
}

# A fault at each use of these calls in pop3-fetch save, of all but the first messages of
# deleting_root(), into a Maildir or another directory.
sub faults_in_saving {
	my ($fault, $maildir, $messages, @calls) = @_;
	my $root = deleting_root();
	unlink((messages($root, 'bob@example.com'))[0]) while messages($root, 'bob@example.com') > $messages;
	my @whole = sort map { contents($_) } messages($root, 'bob@example.com');
	return each_fault(
		root => $root, calls => \@calls, fault => $fault,
		session => sub {
			my ($copy, @before) = @_;
			if ($maildir) {
				mkdir $_ or die "$_: $!\n" for "$copy.to", map { "$copy.to/$_" } 'cur', 'new', 'tmp';
			}
			return save_messages($copy, "$copy.to", grep { $_ ne '-f' } @before);      # not the server
		},
		judge => sub {
			my ($copy, $name, $ended) = @_;
			judge_saving($copy, "$copy.to", $ended, @whole);
			remove_directory("$copy.to");
		});
}

1;
