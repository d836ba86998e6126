# Clients who mean no good, or are just many: what each case costs in memory, time and lines
# of the log, and how it ends.  Each function is one case, as big as it is told to be: small
# in tests/load, and as somebody would do it in tests/load/full.
package LoadTest;

use strict;
use warnings;
use Exporter qw(import);
use FileSystem ();
use IO::Socket::INET;
use MIME::Base64 qw(encode_base64);
use MailTest;
use POSIX qw(ceil);
use Time::HiRes qw(time);

our @EXPORT = qw(idle_connections drippers bad_commands good_commands small_messages recipients endless full_disk);

# What a session may log that has delivered nothing, in octets
my $LOG_OCTETS = 1024;
# What a session's memory may grow by, whatever it is sent, in KiB
my $GROWTH = 512;

my $HELLO = "EHLO client.example\r\n";
my $MAIL = "MAIL FROM:<a\@example.org>\r\n";
my $RCPT = "RCPT TO:<bob\@example.com>\r\n";

# A session, with the file of its log.
sub session {
	my ($name, $root, $flags, %with) = @_;
	my $log = new_file('log');
	my $session = start($name, $root, $flags, errors => $log, limit => 120, life => 1200, wire => 'socket', %with);
	$session->line;
	return ($session, $log);
}

# Sends a text again and again until that many octets are sent or the program closes, and
# drops what it answers.  Returns how many octets were taken, the number of lines answered
# and the last of them.
sub flood {
	my ($session, $text, $octets) = @_;
	my $piece = $text x ceil(65536 / length $text);
	my ($sent, $lines, $last) = (0, 0, '');
	while ($sent < $octets) {
		$session->send($piece) or last;
		$sent += length $piece;
		take($session, \$lines, \$last);
	}
	return ($sent, $lines, $last);
}

sub take {
	my ($session, $lines, $last) = @_;
	my $end = rindex $session->{output}, "\n";
	return if $end < 0;
	my $whole = substr $session->{output}, 0, $end + 1, '';
	$$lines += $whole =~ tr/\n//;
	$$last = $whole =~ /([^\n]*)\r\n\z/ ? $1 : $whole;
}

# Closes the input and takes what comes up to the end.
sub rest {
	my ($session, $lines, $last) = @_;
	$session->close_input if $session->{to};
	my $deadline = time + $session->{limit};
	until ($session->{ended}) {
		$session->await($deadline);
		take($session, $lines, $last);
	}
	return $session->status;
}

# Whether a program's memory has stayed as it was: with sanitizers there is nothing to see.
sub has_not_grown {
	my ($session, $before, $what) = @_;
	my $grown = $session->peak_memory - $before;
	return pass("$what: memory") if $ENV{SANITIZED};
	cmp_ok($grown, '<', $GROWTH, "$what: memory grows by $grown KiB");
}

sub log_is_small {
	my ($log, $what, $sent, $most) = @_;
	my $octets = -s $log;
	cmp_ok($octets, '<', $most || $LOG_OCTETS,
	    sprintf '%s: %d octets of log, %.1f for each MiB sent', $what, $octets, $octets / ($sent / (1 << 20)));
}

# Connections that say nothing, under a real supervisor: each costs little, somebody else is
# served all the same, and when their time is up they are sent away and nothing is left.
sub idle_connections {
	my ($count, $seconds) = @_;
	my $tcpserver = need('tcpserver', 'ucspi-tcp');
	my $root = new_root([ 'bob@example.com', 'secret' ]);
	for (['smtp-stdio', qr/\A220 /, "421 4.4.2 ", 256], ['pop3-stdio', qr/\A\+OK /, '', 384]) {
		my ($name, $greeting, $end, $most) = @$_;
		my ($port, $log) = (free_port(), new_file('log'));
		my $server = Program->start(command => [ $tcpserver, '-q', '-R', '-H', '-l', 0, '-c', $count + 10, '-b', $count,
			'127.0.0.1', $port, program($name), '-d', $root, '-t', $seconds ], wire => 'null', errors => $log, group => 1, life => 1200);
		wait_until { can_connect($port) } or die "tcpserver does not listen\n";
		my @clients = map { IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port, Timeout => 60) } 1 .. $count;
		is(scalar(grep { defined && (readline($_) // '') =~ $greeting } @clients), $count, "$name: $count clients are greeted, and say nothing");

		my @pids = descendants($server->{pid});
		my $memory = 0;
		$memory += private_memory($_) for @pids;
		my $each = $memory / $count;
		my $what = sprintf '%s: %.1f KiB of memory each, in %.2f processes', $name, $each, @pids / $count;
		$ENV{SANITIZED} ? pass($what) : cmp_ok($each, '<', $most, $what);
		cmp_ok(scalar @pids, '>=', $count, "$name: they are all there");

		my $honest = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port, Timeout => 60);
		my $started = time;
		like(readline $honest, $greeting, sprintf '%s: somebody else is served meanwhile', $name);
		$honest->print("QUIT\r\n");
		like(readline $honest, qr/^(?:221|\+OK) /, sprintf '%s: who says QUIT is gone after %.2f seconds', $name, time - $started);

		my $sent_away = grep { local $/; my $said = readline $_; ($said // '') =~ /\A\Q$end\E(?(?{ $end eq '' })\z)/ } @clients;
		is($sent_away, $count, "$name: when their time is up they are all sent away");
		ok(wait_until(sub { !descendants($server->{pid}) }, 60), "$name: and nothing of them is left");
		my $lines = () = contents($log) =~ / end=timed-out /g;
		cmp_ok($lines, '>=', $count, "$name: each is a line of the log");
		cmp_ok(-s $log, '<', ($count + 10) * 400, sprintf '%s: of %.0f octets', $name, (-s $log) / $count);
		$server->stop;
	}
}

# All processes below one.
sub descendants {
	my ($pid) = @_;
	my @children = split ' ', Program::of_process($pid, "task/$pid/children");
	return map { ($_, descendants($_)) } @children;
}

# What a process has for itself alone, in KiB.
sub private_memory {
	my ($pid) = @_;
	my $sum = 0;
	$sum += $_ for Program::of_process($pid, 'smaps_rollup') =~ /^Private_\w+:\s+(\d+) kB/mg;
	return $sum;
}

# Clients that send an octet now and then, so many of each kind at once: none of them stays
# longer than it may.
sub drippers {
	my ($count, $seconds) = @_;
	my $root = new_root([ 'bob@example.com', 'secret' ]);
	my $timed_out = qr/^421 4\.4\.2 [^\n]*\n\z/m;
	my @kinds = (
		[ 'a command', 'smtp-stdio', [], 'NOOP', 'x', $timed_out ],
		[ 'a line of text', 'smtp-stdio', [], "$HELLO$MAIL${RCPT}DATA\r\n", 'x', $timed_out ],
		[ 'lines of text', 'smtp-stdio', [], "$HELLO$MAIL${RCPT}DATA\r\n", "\r\n", $timed_out ],
		[ 'dots', 'smtp-stdio', [ '-l' ], "LHLO x\r\n$MAIL${RCPT}DATA\r\n", '.', $timed_out ],
		[ 'a chunk', 'smtp-stdio', [], "$HELLO$MAIL${RCPT}BDAT 100000 LAST\r\n", 'x', $timed_out ],
		[ 'a chunk that is refused', 'smtp-stdio', [], "BDAT 100000\r\n", 'x', $timed_out ],
		[ 'a login', 'smtp-stdio', [ '-p' ], "${HELLO}AUTH PLAIN\r\n", 'A', $timed_out ],
		[ 'a line that is too long', 'smtp-stdio', [], 'x' x 5000, 'x', $timed_out ],
		[ 'a header for -P', 'smtp-stdio', [ '-P' ], 'PROXY ', 'x', qr/\A(?:421 [^\n]*\n)?\z/ ],
		[ 'a command of POP3', 'pop3-stdio', [], '', 'x', qr/\A(?:[+-][^\n]*\n)?\z/ ],
		[ 'a login of POP3', 'pop3-stdio', [ '-p' ], "AUTH PLAIN\r\n", 'A', qr/\A(?:\+[^\n]*\n)*\z/ ],
	);
	my @clients;
	for my $kind (@kinds) {
		my ($what, $name, $flags, $begin) = @$kind;
		for (1 .. $count) {
			my $log = new_file('log');
			my $client = start($name, $root, [ '-t', $seconds, @$flags ], wire => 'socket', errors => $log, limit => 60, life => 600);
			$client->send($begin);
			push @clients, { client => $client, kind => $kind, log => $log, begun => time };
		}
	}
	my $deadline = time + $seconds * 4 + 60;
	while (time < $deadline && grep { !$_->{client}{ended} } @clients) {
		for my $one (grep { !$_->{client}{ended} } @clients) {
			my $client = $one->{client};
			$client->send($one->{kind}[4]);
			eval { $client->await(time + 0.001) };
			$one->{took} = time - $one->{begun} if $client->{ended};
		}
		select undef, undef, undef, 0.1;
	}
	for my $kind (@kinds) {
		my ($what, undef, undef, undef, undef, $said) = @$kind;
		my @those = grep { $_->{kind} == $kind } @clients;
		my @took = sort { $a <=> $b } map { $_->{took} // 'inf' } @those;
		cmp_ok($took[-1], '<', $seconds * 2 + 30, sprintf '%s in drops, %d times: cut off after %.1f to %.1f seconds', $what, $count, @took[0, -1]);
		cmp_ok($took[0], '>', $seconds * 0.9, "$what: and not before");
		is(scalar(grep { $_->{client}{output} !~ $said } @those), 0, "$what: all are told");
		is(join(' ', grep { $_ ne '75' } map { $_->{client}->status } @those), '', "$what: with status 75");
		my ($least, $most) = (sort { $a <=> $b } map { -s $_->{log} } @those)[0, -1];
		cmp_ok($most, '<', $LOG_OCTETS, "$what: $least to $most octets of log");
		cmp_ok($least, '>', 0, "$what: that say so");
	}
	is(scalar(messages($root, 'bob@example.com')), 0, 'nothing was delivered');
}

# Faulty commands: -e of them, and it is over, however much there is to come.
sub bad_commands {
	my ($octets) = @_;
	my $root = new_root([ 'bob@example.com', 'secret' ]);
	my %smtp = ('verbs that nobody knows' => "FOO\r\n", 'empty lines' => "\r\n", 'octets of all kinds' => join('', map { chr } 0 .. 255) . "\r\n",
		'commands out of order' => "DATA\r\n", 'wrong arguments' => "EHLO\r\nMAIL FROM:\r\nAUTH\r\nBDAT\r\n", 'lines too long' => 'x' x 20_000 . "\r\n",
		'lines with two ends' => "NOOP\nNOOP\r\n", 'HTTP' => "GET / HTTP/1.1\r\nHost: example.com\r\n", 'TLS' => "\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03\r\n",
		'mail for elsewhere' => "$HELLO${MAIL}RCPT TO:<a\@example.net>\r\n");
	for my $what (sort keys %smtp) {
		my ($session, $log) = session('smtp-stdio', $root);
		my ($sent, $lines, $last) = flood($session, $smtp{$what}, $octets);
		my $status = eval { rest($session, \$lines, \$last) } // $@;
		is($status, 77, "$what: over soon");
		like($last, qr/^421 4\.7\.0 |^\z/, "$what: which is told, if it is heard");
		cmp_ok($sent, '<', 4 << 20, "$what: no more than $sent octets were taken") if $octets > 4 << 20;
		log_is_small($log, $what, $sent);
	}
	my %pop3 = ('verbs that nobody knows' => "FOO\r\n", 'empty lines' => "\r\n", 'commands out of order' => "STAT\r\n", 'lines too long' => 'x' x 20_000 . "\r\n");
	for my $what (sort keys %pop3) {
		my ($session, $log) = session('pop3-stdio', $root);
		my ($sent, $lines, $last) = flood($session, $pop3{$what}, $octets);
		my $status = eval { rest($session, \$lines, \$last) } // $@;
		is($status, 77, "POP3, $what: over soon");
		log_is_small($log, "POP3, $what", $sent);
	}
}

# Commands that are no fault, without an end: each is answered, and nothing grows.
sub good_commands {
	my ($octets) = @_;
	my $root = new_root([ 'bob@example.com', 'secret' ]);
	deliver($root, 'bob@example.com', "hello\n") for 1 .. 3;
	my @floods = (
		[ 'NOOP', 'smtp-stdio', '', 'NOOP ' . 'x' x 100 . "\r\n", 1 ],
		[ 'EHLO', 'smtp-stdio', '', $HELLO, 10 ],
		[ 'transactions that are dropped', 'smtp-stdio', $HELLO, "$MAIL${RCPT}RSET\r\n", 3 ],
		[ 'VRFY', 'smtp-stdio', $HELLO, "VRFY bob\@example.com\r\n", 1 ],
		[ 'chunks that are dropped', 'smtp-stdio', $HELLO, "$MAIL${RCPT}BDAT 5\r\n12345RSET\r\n", 4 ],
		[ 'CAPA', 'pop3-stdio', '', "CAPA\r\n", undef ],
		[ 'USER', 'pop3-stdio', '', "USER bob\@example.com\r\n", 1 ],
		[ 'LIST', 'pop3-stdio', "USER bob\@example.com\r\nPASS secret\r\n", "LIST\r\n", 5 ],
		[ 'marks', 'pop3-stdio', "USER bob\@example.com\r\nPASS secret\r\n", "DELE 1\r\nDELE 2\r\nRSET\r\n", 3 ],
	);
	for (@floods) {
		my ($what, $name, $begin, $text, $lines_each) = @$_;
		my ($session, $log) = session($name, $root, [ $name eq 'pop3-stdio' ? '-p' : () ]);
		$session->send($begin . $text x 100);
		$session->line;
		my $before = $session->peak_memory;
		my $started = time;
		my ($sent, $lines, $last) = flood($session, $text, $octets);
		has_not_grown($session, $before, $what);
		my $status = rest($session, \$lines, \$last);
		is($status, 0, sprintf '%s: %.1f MiB in %.1f seconds, and a good end', $what, $sent / (1 << 20), time - $started);
		my $times = 100 + $sent / length $text;
		cmp_ok($lines, '>=', $times * $lines_each - 10, "$what: each has its answer") if $lines_each;
		log_is_small($log, $what, $sent);
	}
}

# Small messages without an end, for a mailbox that has room and one that has none: the log has
# a line for each.
sub small_messages {
	my ($count) = @_;
	my $root = new_root('bob@example.com', 'full@example.com');
	run('', [ program('mailstore'), '-d', $root, 'quota', 'full@example.com', 1 ]);
	for my $name ('bob', 'full') {
		my $text = "${MAIL}RCPT TO:<$name\@example.com>\r\nDATA\r\nx\r\n.\r\n";
		my ($session, $log) = session('smtp-stdio', $root);
		$session->send($HELLO . $text);
		$session->line;
		my $before = $session->peak_memory;
		# In parts, for a time limit is for each that is sent, and each message is a sync
		for (my $left = $count - 1; $left > 0; $left -= 100) {
			$session->send($text x ($left < 100 ? $left : 100));
		}
		has_not_grown($session, $before, "messages for $name");
		my ($lines, $last) = (0, '');
		is(rest($session, \$lines, \$last), 0, 'a good end');
		log_is_small($log, "$count messages for $name", $count * length $text, $LOG_OCTETS + $count * 400);
	}
	is(scalar(messages($root, 'bob@example.com')), $count, 'all that there was room for are there');
	is(scalar(messages($root, 'full@example.com')), 0, 'and no others');
}

# Recipients tried: unknown ones, far too many, and those of others.
sub recipients {
	my ($count) = @_;
	my $root = new_root('bob@example.com');
	for my $flags ([], [ '-l' ]) {
		my $what = @$flags ? 'LMTP' : 'SMTP';
		my ($session, $log) = session('smtp-stdio', $root, $flags);
		$session->ask($_) for @$flags ? 'LHLO x' : 'EHLO x', 'MAIL FROM:<a@example.org>';
		my $before = $session->peak_memory;
		my ($started, $sent, %replies) = (time, 0);
		my $try = sub {
			my $text = join '', map { "RCPT TO:<$_\@example.com>\r\n" } @_;
			$session->send($text);
			$sent += length $text;
			$replies{substr $session->line, 0, 9}++ for @_;
		};
		for my $n (1 .. ceil($count / 500)) {
			$try->(map { "nobody$n.$_" } 1 .. 500);
		}
		my $each = (time - $started) / $count * 1e6;
		is_deeply(\%replies, { '550 5.1.1' => ceil($count / 500) * 500 }, "$what: each unknown recipient has its reply");
		cmp_ok($each, '<', 20_000, sprintf '%s: %d unknown recipients, %.1f microseconds each', $what, $count, $each);
		%replies = ();
		$started = time;
		for my $n (1 .. ceil($count / 500)) {
			$try->(map { "bob+$n.$_" } 1 .. 500);
		}
		$each = (time - $started) / $count * 1e6;
		my $over = ceil($count / 500) * 500 - 1000;
		is_deeply(\%replies, { '250 2.1.5' => 1000, '452 4.5.3' => $over }, "$what: a thousand are taken, $over are not");
		cmp_ok($each, '<', 20_000, sprintf '%s: %.1f microseconds each', $what, $each);
		has_not_grown($session, $before, $what);
		my @replies = ($session->ask('DATA'), $session->ask("hello\r\n."));
		push @replies, map { $session->reply } 2 .. 1000 if @$flags;
		is(scalar(grep { /^250 2\.0\.0/ } @replies), @$flags ? 1000 : 1, "$what: those that were taken get the message");
		$session->ask('QUIT');
		is($session->status, 0, "$what: a good end");
		# One line for each recipient of LMTP, and one for a mailbox else
		log_is_small($log, $what, $sent, $LOG_OCTETS + (@$flags ? 1000 : 1) * 300);
	}
	my @messages = messages($root, 'bob@example.com');
	is(scalar(@messages), 2, 'there once for each of the two');
	my ($session, $log) = session('smtp-stdio', $root);
	$session->send("$HELLO$MAIL");
	my ($sent, $lines, $last) = flood($session, "RCPT TO:<a\@example.net>\r\n", $count * 30);
	is(eval { rest($session, \$lines, \$last) } // $@, 77, 'recipients elsewhere are faults, so that it is over soon');
	log_is_small($log, 'recipients elsewhere', $sent);
}

# Lines, headers and messages that come to no end: neither memory nor the disk is filled by
# them, and when the end comes there is one answer.
sub endless {
	my ($octets) = @_;
	my $root = new_root([ 'bob@example.com', 'secret' ]);
	my $login = encode_base64("\0bob\@example.com\0secret", '');
	my $data = "$HELLO$MAIL${RCPT}DATA\r\n";
	my $filter = new_file('filter');
	open my $script, '>', $filter or die "$filter: $!\n";
	print $script "#!/bin/sh\nexec cat >/dev/null\n";
	close $script;
	chmod 0755, $filter;
	my @floods = (
		[ 'a command', 'smtp-stdio', [], '', 'x', "\r\n", qr/^500 5\.5\.2 / ],
		[ 'a login', 'smtp-stdio', [], "${HELLO}AUTH SCRAM-SHA-256\r\n", 'A', "\r\n", qr/^500 5\.5\.6 / ],
		[ 'a line of a header', 'smtp-stdio', [], "${data}Subject: ", 'x', "\r\n.\r\n", qr/^552 5\.3\.4 / ],
		[ 'a name of a field', 'smtp-stdio', [ '-a', '-p' ], "${HELLO}AUTH PLAIN $login\r\n$MAIL${RCPT}DATA\r\n", 'x', "\r\n.\r\n", qr/^552 5\.3\.4 / ],
		[ 'a field that is folded', 'smtp-stdio', [], "${data}Subject: x", "\r\n and so on", "\r\n.\r\n", qr/^552 5\.3\.4 / ],
		[ 'a header', 'smtp-stdio', [ '-f', $filter ], $data, "X-A: b\r\n", "\r\n.\r\n", qr/^552 5\.3\.4 / ],
		[ 'fields of Received', 'smtp-stdio', [ '-m', 0 ], $data, "Received: a\r\n", "\r\n.\r\n", qr/^554 5\.4\.6 / ],
		[ 'dots', 'smtp-stdio', [], $data, '.', "\r\n.\r\n", qr/^552 5\.3\.4 / ],
		[ 'broken lines', 'smtp-stdio', [], $data, "\n\r\0", "\r\n.\r\n", qr/^55[02] 5\./ ],
		[ 'a chunk that is too big', 'smtp-stdio', [], "$HELLO$MAIL${RCPT}BDAT $octets\r\n", 'x', '', qr/^552 5\.3\.4 / ],
		[ 'a command of POP3', 'pop3-stdio', [], '', 'x', "\r\n", qr/^-ERR / ],
	);
	for (@floods) {
		my ($what, $name, $flags, $begin, $text, $end, $reply) = @$_;
		my ($session, $log) = session($name, $root, [ (grep { $_ eq '-m' } @$flags) || $name ne 'smtp-stdio' ? () : ('-m', '1m'), @$flags ]);
		$session->send($begin);
		if ($begin =~ /(DATA|BDAT|AUTH SCRAM)/) {
			my $wanted = $1 eq 'DATA' ? qr/^354/m : $1 eq 'AUTH SCRAM' ? qr/^334/m : qr/^250 2\.1\.5/m;
			wait_until { eval { $session->await(time + 0.1) }; $session->{output} =~ $wanted };
			$session->{output} = '';
		}
		my $before = $session->peak_memory;
		my ($sent, $lines, $last) = flood($session, $text, $octets - 65536);
		my ($incoming) = sort { $b <=> $a } map { -s } glob "$root/mail/.incoming/*";
		has_not_grown($session, $before, $what);
		cmp_ok($incoming || 0, '<=', (1 << 20) + 65536, sprintf '%s: %d octets of it are kept', $what, $incoming || 0) unless grep { $_ eq '-m' } @$flags;
		$session->send($text) while $what =~ /chunk/ && ($sent += length $text) <= $octets;
		$session->send($end);
		like($session->line, $reply, sprintf '%s of %.1f MiB: one answer', $what, $sent / (1 << 20));
		$session->send("QUIT\r\n");
		like($session->line, qr/^(?:221 |\+OK)/, "$what: and on it goes");
		is($session->status, 0, "$what: to a good end");
		log_is_small($log, $what, $sent);
	}
	is(scalar(messages($root, 'bob@example.com')), 0, 'nothing was delivered');
	for (['smtp-stdio', qr/^421 4\.4\.2 /], [ 'pop3-stdio', qr/^\z/ ]) {
		my ($name, $reply) = @$_;
		my ($session, $log) = session($name, $root, [ '-t', 1 ]);
		my $started = time;
		my ($lines, $last) = (0, '');
		while (!$session->{ended} && time < $started + 60) {
			$session->send('x' x 4096) or last;
			eval { $session->await(time + 0.01) };
		}
		is(eval { rest($session, \$lines, \$last) } // $@, 75, sprintf '%s: who goes on for ever, and fast, is cut off after %.1f seconds', $name, time - $started);
		like($last, $reply, "$name: and told, where that is so");
	}
}

# More than a disk holds, from several at once, again and again: all are told to come again,
# what they filled is free afterwards, and nobody else is kept from being served.
sub full_disk {
	my ($octets, $clients) = @_;
	my $disk = FileSystem->new('tmpfs', megabytes => 8);
	local $ENV{TMPDIR} = $disk->path;
	my $root = new_root('bob@example.com', 'alice@example.com');
	local $ENV{TMPDIR} = '/tmp';
	my $free = sub { (split ' ', (split /\n/, `df -Pk '@{[ $disk->path ]}'`)[1])[3] };
	my $before = $free->();
	my @sessions = map { [ session('smtp-stdio', $root, [ '-m', 0 ]) ] } 1 .. $clients;
	for (@sessions) {
		my ($session) = @$_;
		$session->ask($_) for 'EHLO x', 'MAIL FROM:<a@example.org>', 'RCPT TO:<bob@example.com>', 'DATA';
	}
	my $memory = $sessions[0][0]->peak_memory;
	my ($sent, $piece) = (0, ('x' x 998 . "\r\n") x 64);
	while ($sent < $octets) {
		$_->[0]->send($piece) for @sessions;
		$sent += @sessions * length $piece;
	}
	has_not_grown($sessions[0][0], $memory, 'a full disk');
	is(scalar(grep { $_->[0]->ask('.') =~ /^452 4\.3\.1 / } @sessions), $clients, sprintf 'none of %d messages, of %.1f MiB in all, is taken', $clients, $sent / (1 << 20));
	cmp_ok($free->(), '>=', $before - 64, 'the disk is as empty as before');
	for (@sessions) {
		my ($session, $log) = @$_;
		$session->ask($_) for 'MAIL FROM:<a@example.org>', 'RCPT TO:<alice@example.com>', 'DATA';
		like($session->ask("hello\r\n."), qr/^250 2\.0\.0 /, 'the same client brings a small one');
		$session->ask('QUIT');
		is($session->status, 0, 'and comes to a good end');
		log_is_small($log, 'a full disk', $sent / $clients, 2 * $LOG_OCTETS);
	}
	is(scalar(messages($root, 'bob@example.com')), 0, 'nothing of the big ones is there');
	is(scalar(messages($root, 'alice@example.com')), $clients, 'and all of the small ones');
	is(scalar(() = glob "$root/mail/.incoming/*"), 0, 'and nothing else');
}

1;
