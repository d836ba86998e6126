#!/usr/bin/perl
# Many senders and many readers at the same mailboxes: each message that was accepted is
# fetched once or still there, one session at a time has a mailbox, a reader that is killed
# leaves no lock behind, and delivery waits for no reader.
#
# Arguments: how many senders, readers and mailboxes, for how many seconds, and how many
# messages a second all senders try; LOAD_SECONDS in the environment decides before that.  The
# rates that come of it are told, and not judged.
use strict;
use warnings;
use lib 'tests/lib';
use Fcntl qw(:flock);
use MailRoot qw(crlf messages program);
use POSIX qw(_exit);
use StoreTest;
use Test::More;
use Time::HiRes qw(time);

my ($senders, $readers, $mailboxes, $seconds, $rate) = @ARGV ? @ARGV : (12, 8, 3, 4, 80);
$seconds = $ENV{LOAD_SECONDS} || $seconds;
my $PASSWORD = 'secret';
my $LIMIT = 120;
my $FETCHED_AT_ONCE = 50;
my @accounts = map { "user$_\@example.com" } 1 .. $mailboxes;

my $root = new_root();
add($root, $_, $PASSWORD) for @accounts;

# The rates are for people, who are not to see them in each run of the short case.
sub report {
	@ARGV ? diag(@_) : note(@_);
}

# Talking ---------------------------------------------------------------------------

# What a message holds tells which one it is, and whether that is all of it.
sub text {
	my ($id) = @_;
	my ($number) = $id =~ /(\d+)\z/;
	return "Subject: $id\n\n" . "body $id\n" x (1 + $number % 40);
}

sub smtp {
	my $client = Program->start(command => [ program('smtp-stdio'), '-d', $root, '-h', 'mail.example.org' ], wire => 'socket', limit => $LIMIT);
	$client->reply;
	$client->ask('EHLO client.example');
	return $client;
}

# Sends one message; returns the last reply.
sub send_message {
	my ($client, $id, @to) = @_;
	my @replies = $client->ask('MAIL FROM:<sender@client.example>');
	push @replies, $client->ask("RCPT TO:<$_>") for @to;
	push @replies, $client->ask('DATA');
	my ($refused) = grep { !/^[23]/ } @replies;
	return $refused if $refused;
	$client->send(crlf(text($id)));
	return $client->ask('.');
}

# Starts a POP3 session, and says what came of the login.
sub login {
	my ($account) = @_;
	my $client = pop3($root, wire => 'socket', limit => $LIMIT);
	ask($client, "USER $account");
	return ($client, ask($client, "PASS $PASSWORD"));
}

# The ids of the first messages, which are whole and as long as was said.
sub fetched_ids {
	my ($client, $count) = @_;
	my @ids;
	$client->send(join '', map { "RETR $_\r\n" } 1 .. $count);
	for (1 .. $count) {
		my ($size) = ($client->line || '') =~ /^\+OK (\d+) octets/ or die "RETR is refused\n";
		my $text = '';
		while ((my $line = $client->line) ne '.') {
			$text .= "$line\r\n";
		}
		push @ids, whole_id($text);
		die "$ids[-1] is not as long as was said\n" if $size != length $text;
	}
	return @ids;
}

# The unique-id of each message by its number.
sub unique_ids {
	my ($client) = @_;
	return split /\s+/, (lines($client, 'UIDL'))[1];
}

# The id of a message that is whole, as it comes or as it is stored.
sub whole_id {
	my ($message) = @_;
	my $text = $message =~ s/\r\n/\n/gr;
	my ($id) = $text =~ /^Subject: (\S+)$/m or die "a message has no id\n";
	die "$id is not whole\n" if substr($text, -length text($id)) ne text($id);
	return $id;
}

# Without others --------------------------------------------------------------------

{
	my ($reader, $reply) = login($accounts[0]);
	like($reply, qr/^\+OK/, 'a reader has the mailbox');
	my $sender = smtp();
	$reader->signal('STOP');
	my $start = time;
	my @replies = map { send_message($sender, "first.$_", $accounts[0]) } 1 .. 10;
	is(scalar(grep { /^250 / } @replies), 10, 'ten messages are delivered while its process is stopped')    ## pop3-1939-4-b smtp-5321-4.2.5-a
	    or diag @replies;
	report(sprintf 'ten deliveries to a mailbox that is held: %.3f s', time - $start);
	is((login($accounts[0]))[1] =~ /^(-ERR \[IN-USE\])/ && $1, '-ERR [IN-USE]', 'a second login is refused');       ## pop3-1939-4-b pop3-2449-8
	$reader->signal('KILL');
	is($reader->status, 'signal 9', 'the reader is killed');
	($reader, $reply) = login($accounts[0]);
	like($reply, qr/^\+OK/, 'the next login is taken at once');     ## pop3-1939-4-b
	is_deeply([ fetched_ids($reader, 10) ], [ map { "first.$_" } 1 .. 10 ], 'and all messages are there');
	ask($reader, "DELE $_") for 1 .. 10;
	like(ask($reader, 'QUIT'), qr/^\+OK/, 'until they are removed');
}

# All at once -----------------------------------------------------------------------

# A worker's notes, one event a line:
#	accepted, refused ID ACCOUNT; fetched ID ACCOUNT; wrong TEXT; session, in-use, killed; took SECONDS
my $notes;

sub note_event {
	print $notes join(' ', @_), "\n";
}

sub some_of {
	my ($count, @all) = @_;
	return map { splice @all, rand @all, 1 } 1 .. $count;
}

sub pause {
	my ($for) = @_;
	select undef, undef, undef, $for if $for > 0;
}

sub send_until {
	my ($deadline, $worker) = @_;
	my $number = 0;
	while (time < $deadline) {
		my $client = smtp();
		for (0 .. rand 4) {
			my $id = "$worker." . ++$number;
			my @to = some_of(1 + int rand 3, @accounts);
			my $start = time;
			my $reply = send_message($client, $id, @to);
			note_event('took', time - $start);
			note_event($reply =~ /^250 / ? 'accepted' : 'refused', $id, $_) for @to;
			note_event('wrong', $reply) if $reply !~ /^250 /;
			pause(2 * rand() * $senders / $rate - (time - $start));
		}
		$client->ask('QUIT');
		note_event('wrong', 'smtp-stdio ends with', $client->status) if $client->status ne '0';
	}
}

# Some files for each mailbox are for readers among themselves.  Who has the mailbox has
# "held", else two sessions have got the same lock; who logs in has a share of "gate", so
# that somebody who wants to be the next can keep others out for that time.  To get either,
# all pass "door" one by one, or many with shares would never let one have it alone.
sub guard {
	my ($kind, $account, $how) = @_;
	open my $file, '>>', "$root.$kind.$account" or die "$kind: $!\n";
	return flock($file, $how) ? $file : undef;
}

sub pass_door {
	my ($account, $how) = @_;
	my $door = guard('door', $account, LOCK_EX);
	return guard('gate', $account, $how);
}

sub log_in_as_many_do {
	my ($account) = @_;
	my $share = pass_door($account, LOCK_SH);
	return login($account);
}

sub read_until {
	my ($deadline, $worker) = @_;
	my ($number, $sessions) = (0, 0);
	while (time < $deadline || !$sessions) {
		my ($account) = some_of(1, @accounts);
		my ($client, $reply) = log_in_as_many_do($account);
		note_event($reply =~ /^\+OK/ ? 'session' : $reply =~ /^-ERR \[IN-USE\] / ? 'in-use' : "wrong $reply");
		if ($reply !~ /^\+OK/) {
			ask($client, 'QUIT');
			pause(rand 0.5);        # as a client does before it tries again
			next;
		}
		my $is_first = !$sessions++;            # in which all that may be done is done by somebody
		my $held = guard('held', $account, LOCK_EX | LOCK_NB);
		note_event('wrong', 'two sessions have', $account) unless $held;
		if ($is_first || rand() < 0.2) {
			note_event('wrong', 'a second login', $reply) if ($reply = (login($account))[1]) !~ /^-ERR \[IN-USE\] /;
			note_event('in-use');
		}
		my ($count) = ask($client, 'STAT') =~ /^\+OK (\d+) /;
		my $some = $count > $FETCHED_AT_ONCE ? $FETCHED_AT_ONCE : $count;
		my %unique_ids = unique_ids($client);
		my @ids = fetched_ids($client, $some);
		if (rand() < 0.2) {
			my $id = "$worker." . ++$number;
			my $sender = smtp();
			$reply = send_message($sender, $id, $account);
			note_event($reply =~ /^250 / ? 'accepted' : "wrong $reply", $id, $account);
			note_event('wrong', 'STAT tells what came meanwhile') unless ask($client, 'STAT') =~ /^\+OK $count /;
		}
		$client->send(join '', map { "DELE $_\r\n" } 1 .. $some);
		note_event('wrong', 'DELE is refused') for grep { $client->line !~ /^\+OK/ } 1 .. $some;
		if ($is_first ? $worker % 2 : rand() < 0.2) {
			die_and_return($client, $account, $held, map { $unique_ids{$_} } 1 .. $some);
			next;
		}
		close $held if $held;
		if (($reply = ask($client, 'QUIT')) =~ /^\+OK/) {
			note_event('fetched', $_, $account) for @ids;
		} else {
			note_event('wrong', 'QUIT', $reply);
		}
	}
}

# Kills a session in which all is marked, and is the next in the mailbox, where all is still.
sub die_and_return {
	my ($client, $account, $held, @marked) = @_;
	my $alone = pass_door($account, LOCK_EX);
	$client->signal('KILL');
	$client->status;
	my ($next, $reply) = login($account);
	note_event('killed');
	return note_event('wrong', 'after a killed session', $reply) unless $reply =~ /^\+OK/;
	close $alone;
	my %still = reverse unique_ids($next);
	note_event('wrong', 'a killed session has removed', $_) for grep { !$still{$_} } @marked;
	close $held;
	ask($next, 'QUIT');
}

my $start = time;
my %pids;
for my $worker (1 .. $senders + $readers) {
	my $pid = fork;
	die "fork: $!\n" unless defined $pid;
	if ($pid) {
		$pids{$pid} = $worker;
		next;
	}
	$SIG{TERM} = 'DEFAULT';
	alarm int $seconds + 5 * $LIMIT;
	POSIX::nice(5);
	srand $worker;
	open $notes, '>', "$root.notes.$worker" or _exit(1);
	eval { ($worker <= $senders ? \&send_until : \&read_until)->($start + $seconds, $worker); 1 } or note_event('wrong', $@);
	close $notes;
	_exit(0);
}
END { kill 'TERM', keys %pids if %pids }
my $failed = 0;
while (%pids) {
	my $pid = wait;
	last if $pid == -1;
	$failed++ if delete $pids{$pid} && $?;
}
my $took = time - $start;
is($failed, 0, 'all senders and readers come to their end');

my (%there, %counts, @wrong, @took, %fetched);
for my $worker (1 .. $senders + $readers) {
	for (split /\n/, octets_of("$root.notes.$worker")) {
		my ($event, $id, $account) = split ' ';
		$counts{$event}++;
		push @wrong, $_ if $event eq 'wrong';
		push @took, $id if $event eq 'took';
		$there{$account}{$id}++ if $event eq 'accepted';
		$fetched{$account}{$id}++ if $event eq 'fetched';
	}
}
is_deeply([ grep { defined } @wrong[0 .. 9] ], [], 'nobody has seen anything go wrong');     ## pop3-1939-4-b smtp-stdio-store-c

my (@lost, @twice, @nobodys);
my $left = 0;
for my $account (@accounts) {
	my ($client, $reply) = login($account);
	like($reply, qr/^\+OK/, "$account is held by nobody");  ## pop3-1939-4-b
	my @files = messages($root, $account);
	like(ask($client, 'STAT'), qr/^\+OK ${\scalar @files} /, 'and it holds what is left');
	ask($client, 'QUIT');
	$fetched{$account}{$_}++ for map { whole_id(octets_of($_)) } @files;
	$left += @files;
	push @lost, map { "$_ in $account" } grep { !$fetched{$account}{$_} } keys %{$there{$account}};
	push @twice, map { "$_ in $account" } grep { $fetched{$account}{$_} > 1 } keys %{$fetched{$account}};
	push @nobodys, map { "$_ in $account" } grep { !$there{$account}{$_} } keys %{$fetched{$account}};
}
is_deeply(\@lost, [], 'each accepted message was fetched or is still there');   ## smtp-5321-4.2.5-a smtp-stdio-store-c
is_deeply(\@twice, [], 'none was fetched twice');       ## smtp-stdio-store-c pop3-1939-6-a
is_deeply(\@nobodys, [], 'and none that was not accepted');     ## smtp-5321-4.2.5-b
is_deeply([ entries("$root/mail/.incoming") ], [], 'mail/.incoming is clean');  ## smtp-stdio-store-c
is((mailstore($root, '', 'check'))[1], '', 'and mailstore check finds nothing');
cmp_ok($counts{$_} || 0, '>', 0, "$_: " . ($counts{$_} || 0)) for qw(accepted fetched session in-use killed);

@took = sort { $a <=> $b } @took;
report(sprintf '%d senders, %d readers, %d mailboxes, %.1f s', $senders, $readers, $mailboxes, $took);
report(sprintf '%d messages (%.1f a second) to %d mailboxes; half of them took %.3f s, all at most %.3f s', scalar @took, @took / $took,
    $counts{accepted}, $took[@took / 2], $took[-1]);
report(sprintf '%d sessions with a mailbox (%.1f a second), %d refused, %d killed; %d messages fetched (%.1f a second), %d left',
    $counts{session}, $counts{session} / $took, $counts{'in-use'}, $counts{killed}, $counts{fetched}, $counts{fetched} / $took, $left);
done_testing();
