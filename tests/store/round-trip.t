#!/usr/bin/perl
# What smtp-stdio took comes out of pop3-stdio octet for octet, for every
# message in tests/mail: once as on a network, with CRLF, and once as typed by
# hand, with LF and -n.  Only the two trace fields stand above it, and the
# sizes that the store and POP3 tell are the octets that are really sent.
use strict;
use warnings;
use lib 'tests/lib';
use MailTest;
use File::Basename qw(basename);

my $address = 'bob@example.com';
my $password = 'a password with blanks';
my @host = ('-h', 'mail.example.org');
my @files = sort glob 'tests/mail/*.eml';
my @top = (0, 1, 3, 999_999_999);

# The session that sends all messages.
sub smtp_session {
	my ($messages) = @_;
	my $text = "EHLO client.example.org\n";
	for my $message (@$messages) {
		$text .= "MAIL FROM:<alice\@example.org>\nRCPT TO:<$address>\nDATA\n" . dot_stuffed($message) . ".\n";
	}
	return $text . "QUIT\n";
}

# Takes the next reply off the output of a POP3 session.  Returns its first
# line and, where the command has a multi-line one, the text without stuffing.
sub pop3_reply {
	my ($output, $lines_follow) = @_;
	$$output =~ s/\A([^\r\n]*)\r\n// or return ('', undef);
	my $first = $1;
	return ($first, undef) unless $lines_follow && $first =~ /^\+OK/;
	$$output =~ s/\A(.*?)^\.\r\n//ms or return ($first, undef);
	my $text = $1;
	$text =~ s/^\.//mg;
	return ($first, $text);
}

# What TOP has to send of a message: header, blank line, that many lines.
sub top_of {
	my ($message, $lines) = @_;
	my ($header, $body) = $message =~ /\A((?:[^\n]+\n)*\n?)(.*)\z/s;
	my @body = $body =~ /([^\n]*\n)/g;
	$lines = @body if $lines > @body;
	return join '', $header, @body[0 .. $lines - 1];
}

# Shows where two texts part instead of printing both.
sub same {
	my ($got, $expected, $name) = @_;
	my $ok = defined $got && $got eq $expected;
	ok($ok, $name);
	if (!$ok && defined $got) {
		my $at = 0;
		$at++ while $at < length $got && $at < length $expected && substr($got, $at, 1) eq substr($expected, $at, 1);
		diag(sprintf 'octet %d of %d (expected %d): "%s", expected "%s"', $at, length $got, length $expected,
			map { s/([^ -~])/sprintf '\\x%02x', ord $1/ger } substr($got, $at, 40), substr($expected, $at, 40));
	}
	return $ok;
}

sub play {
	my ($way, $line_end, @flags) = @_;
	my $root = new_root([$address, $password]);
	my @messages = map { my $text = contents($_); $text =~ /[^\n]\z/ ? "$text\n" : $text } @files;
	my $wire = sub { $line_end eq "\r\n" ? crlf($_[0]) : $_[0] };
	my $pop3 = sub { run($wire->("USER $address\nPASS $password\n$_[0]QUIT\n"),
		[program('pop3-stdio'), '-p', @flags, '-d', $root, @host]) };
	my ($output, $status);

	($output, $status) = run($wire->(smtp_session(\@messages)), [program('smtp-stdio'), @flags, '-d', $root, @host]);
	is($status, 0, 'smtp-stdio took the session to its end');
	my @final;	# the reply to the end of each message
	push @final, $1 while $output =~ /^354 [^\r\n]*\r\n([^\r\n]*)\r\n/mg;
	is(scalar(@final), scalar(@files), 'each message has a reply');

	# Message numbers follow the names of the files, the order of delivery only as far
	# as the clock went on; so find each by the id that its reply has told.
	($output, $status) = $pop3->("STAT\nUIDL\nLIST\n");
	is($status, 0, 'pop3-stdio took the session to its end');
	pop3_reply(\$output) for 1 .. 3;
	my ($stat) = pop3_reply(\$output);
	my (undef, $uidl) = pop3_reply(\$output, 1);
	my (undef, $list) = pop3_reply(\$output, 1);
	my %uid = ($uidl // '') =~ /^(\d+) (\S+)\r$/mg;
	my %size = ($list // '') =~ /^(\d+) (\d+)\r$/mg;
	is(scalar(keys %uid), scalar(@files), 'each message is in the mailbox');
	my @number = map {
		my $reply = $_;
		my ($number) = grep { my ($id) = $uid{$_} =~ /^\d+\.([^.]+)\./; defined $id && $reply =~ /\Q$id\E/ } keys %uid;
		$number;
	} @final;

	my $session = '';
	for my $number (map { $_ // 0 } @number) {
		$session .= "RETR $number\n" . join '', map { "TOP $number $_\n" } @top;
	}
	($output, $status) = $pop3->($session);
	is($status, 0, 'pop3-stdio sent all');
	pop3_reply(\$output) for 1 .. 3;

	my $sum = 0;
	for my $i (0 .. $#files) {
		my ($number, $sent) = ($number[$i] // 0, $messages[$i]);
		my ($first, $retrieved) = pop3_reply(\$output, 1);
		my @tops = map { (pop3_reply(\$output, 1))[1] } @top;
		subtest "$way: " . basename($files[$i]) => sub {
			like($final[$i], qr/^250 2\.0\.0 /, 'accepted');
			like($first, qr/^\+OK/, 'retrieved') && defined $retrieved or return;
			unlike($retrieved, qr/(?<!\r)\n|\r(?!\n)/, 'every line ends with CRLF');
			$sum += length $retrieved;
			(my $stored = $retrieved) =~ s/\r\n/\n/g;

			# The trace ends at the date, for the message may itself begin with a folded line.
			my ($trace, $rest) = $stored =~ /\A(
				Return-Path:[ ]<alice\@example\.org>\n
				Received:[ ](?:[^\n]*\n\t)*?
				[^\n]*;\s+(?:[A-Z][a-z]{2},[ ])?\d{1,2}[ ][A-Z][a-z]{2}[ ]\d{4}[ ]\d\d:\d\d:\d\d[ ][-+]\d{4}\n
				)(.*)\z/sx;
			ok(defined $trace, 'Return-Path and one Received are on top') or diag(substr $stored, 0, 400);
			same($rest, $sent, 'below them is what was sent');	## pop3-roundtrip smtp-5321-4.5.2-b
			is($size{$number}, length $retrieved, 'LIST tells the octets of RETR');	## pop3-1939-5-c
			for my $k (0 .. $#top) {
				same($tops[$k], crlf(top_of($stored, $top[$k])), "TOP $top[$k]");	## pop3-1939-7-a
			}

			my ($shown, $show_status) = run('', [program('mailstore'), '-d', $root, 'show', $address, $uid{$number} // '-']);
			is($show_status, 0, 'mailstore show finds it');
			same($shown, $stored, 'and writes the same with LF');
			my ($name) = map { basename($_) } grep { index($_, "/$uid{$number},") > 0 } messages($root, $address);
			is($name, sprintf('%s,S=%d,W=%d', $uid{$number}, length $stored, length $retrieved), 'its name holds both sizes');	## smtp-stdio-store-a
		};
	}
	is($stat, sprintf('+OK %d %d', scalar(@files), $sum), 'STAT tells the sum');	## pop3-1939-5-b
	my ($found) = run('', [program('mailstore'), '-d', $root, 'check']);
	is($found, '', 'mailstore check counts the same');
}

cmp_ok(scalar(@files), '>=', 44, 'there are messages to send');
play('crlf', "\r\n");
play('lf', "\n", '-n');
done_testing();
