# Numbers about the borders of 31, 32, 63 and 64 bits, and those that would be small ones again
# if they were cut there: sizes of messages and of chunks, numbers of messages and of lines,
# and what the flags take.  None is ever taken for another one.
use strict;
use warnings;
use lib 'tests/lib';
use MailTest;
use Math::BigInt;

my $root = new_root([ 'bob@example.com', 'secret' ], 'small@example.com');
deliver($root, 'bob@example.com', "Subject: $_\n\none\ntwo\nthree\n") for 1 .. 3;
run('', [ program('mailstore'), '-d', $root, 'quota', 'small@example.com', '1m' ]);

my @borders = map { my $bits = $_; map { (Math::BigInt->new(2)->bpow($bits) + $_)->bstr } -1, 0, 1, 5 } 31, 32, 33, 63, 64, 65, 66, 128;
my @signed = ('-1', '-0', '+1', '-' . $borders[-1], '0x1', '1e0', '1.0', '٣', ' 1', "1\t", '1,2', '');

# -- SIZE: without a limit too, for there is no such room
my $hello = "EHLO x\r\n";
for my $flags ([], [ '-m', 0 ]) {
	my $what = @$flags ? 'without a limit' : 'with a limit';
	my ($output) = run($hello . join('', map { "MAIL FROM:<a\@example.org> SIZE=$_\r\nRSET\r\n" } @borders) . "QUIT\r\n", [ program('smtp-stdio'), '-e', 10_000, '-d', $root, @$flags ]);
	my @replies = grep { !/^(?:250[- ](?!2\.1)|220|221)/ } split /\r\n/, $output;
	is(scalar @replies, scalar @borders, "SIZE, $what: each has an answer");
	my $free = (split ' ', (split /\n/, `df -Pk '$root'`)[1])[3] * 1024;
	my @wrong = grep { my $fits = @$flags && Math::BigInt->new($borders[$_]) <= $free;
		$replies[$_] !~ ($fits ? qr/^250 2\.1\.0 / : length $borders[$_] > 20 ? qr/^501 5\.5\.4 / : qr/^(?:552 5\.3\.4|452 4\.3\.1) /) } 0 .. $#borders;
	is(join("\n", map { "$borders[$_]: $replies[$_]" } @wrong), '', "SIZE, $what: and none is taken for a small one");
}
my ($output) = run($hello . join('', map { "MAIL FROM:<a\@example.org> SIZE=$_\r\nRCPT TO:<small\@example.com>\r\nRSET\r\n" } grep { length $_ <= 20 } @borders) . "QUIT\r\n",
    [ program('smtp-stdio'), '-m', 0, '-e', 10_000, '-d', $root ]);
unlike($output, qr/^250 2\.1\.5 /m, 'SIZE and a quota: none fits');
($output) = run($hello . join('', map { "MAIL FROM:<a\@example.org> SIZE=$_\r\n" } @signed[0 .. 7]) . "QUIT\r\n", [ program('smtp-stdio'), '-d', $root ]);
unlike($output, qr/^250 2\.1\.0 /m, 'SIZE: what is no number is taken for none');

# -- BDAT: what comes behind such a line is either its octets, or it was refused and has none
for my $flags ([], [ '-m', 0 ], [ '-l', '-m', 0 ]) {
	my @wrong;
	for my $number (@borders, @signed[0 .. 7]) {
		for my $last ('', ' LAST') {
			my ($output, $status) = run((@$flags == 3 ? "LHLO x\r\n" : $hello) . "MAIL FROM:<a\@example.org>\r\nRCPT TO:<bob\@example.com>\r\nBDAT $number$last\r\nabcdeNOOP\r\n",
			    [ program('smtp-stdio'), '-d', $root, @$flags ]);
			my ($rest) = $output =~ /^250 2\.1\.5 [^\n]*\n(.*)\z/ms;
			push @wrong, "BDAT $number$last: " . ($rest // $output) . " $status" unless $status eq '0' && ($rest eq '' || $rest =~ /\A501 5\.5\.4 [^\n]*\n500 [^\n]*\n\z/);
		}
	}
	is(join("\n", @wrong), '', "BDAT @$flags: no number is taken for a small one");
}
is(scalar(messages($root, 'bob@example.com')), 3, 'and no message came of one');

# -- Messages, and lines of TOP
for my $verb ('RETR', 'DELE', 'LIST', 'UIDL', 'TOP') {
	my $behind = $verb eq 'TOP' ? ' 0' : '';
	my @numbers = (@borders, @signed[0 .. 7], '0', '4', '00000000000000000000', '1x', '1 1 1');
	my ($output) = run("USER bob\@example.com\r\nPASS secret\r\n" . join('', map { "$verb $_$behind\r\n" } @numbers) . "STAT\r\n", [ program('pop3-stdio'), '-p', '-e', 10_000, '-d', $root ]);
	my @replies = split /\r\n/, $output;
	like(pop @replies, qr/^\+OK 3 \d+\z/, "$verb: no message is touched");
	is(scalar(grep { /^-ERR (?!\[)/ } @replies), scalar @numbers, "$verb: none of such numbers is a message's");
	is(scalar(grep { /^\+OK/ } @replies), 3, "$verb: and nothing else is said");
}
for my $lines (@borders) {
	my ($output) = run("USER bob\@example.com\r\nPASS secret\r\nTOP 1 $lines\r\nQUIT\r\n", [ program('pop3-stdio'), '-p', '-d', $root ]);
	like($output, qr/^three\r\n\.\r\n/m, "TOP 1 $lines: these are all lines");
}

# -- Sizes that other programs have put into names of files
for my $size ('18446744073709551615', '18446744073709551616', '9223372036854775807', '99999999999999999999999', '-1') {
	my $other = new_root([ 'bob@example.com', 'secret' ]);
	deliver($other, 'bob@example.com', "Subject: x\n\nx\n");
	my ($path) = messages($other, 'bob@example.com');
	my $new = $path =~ s{/[^/]*\z}{}r;
	rename $path, "$new/170000000$_.$_.host,S=$size,W=$size" and link "$new/170000000$_.$_.host,S=$size,W=$size", $path for 1 .. 3;
	my ($output, $status) = run("USER bob\@example.com\r\nPASS secret\r\nSTAT\r\nLIST\r\nRETR 1\r\nLIST 1\r\nQUIT\r\n", [ program('pop3-stdio'), '-p', '-d', $other ]);
	is($status, 0, "a name with S=$size: a session comes to a good end");
	like($output, qr/^Subject: x\r\n\r\nx\r\n\.\r\n\+OK 1 \d{2,3}\r\n/m, "a name with S=$size: the message is read, and then its true size told");
	my ($status_of_quota) = (run('', [ program('mailstore'), '-d', $other, 'list', 'example.com' ]))[1];
	is($status_of_quota, 0, "a name with S=$size: it can be listed");
	run('', [ program('mailstore'), '-d', $other, 'quota', 'bob@example.com', '1m' ]);
	($output) = run("HELO x\r\nMAIL FROM:<>\r\nRCPT TO:<bob\@example.com>\r\nQUIT\r\n", [ program('smtp-stdio'), '-d', $other ]);
	# What is no size is counted by reading
	like($output, $size !~ /^92/ ? qr/^(?:250 2\.1\.5|452 4\.2\.2) /m : qr/^452 4\.2\.2 /m, "a name with S=$size: and a quota does not wrap round");
}

# -- Flags
for my $flags (map({ ([ '-m', $_ ], [ '-r', $_ ], [ '-e', $_ ], [ '-t', $_ ]) } grep { length $_ > 19 } @borders), [ '-m', '17179869184g' ], [ '-m', '18014398509481984k' ], [ '-r', -1 ], [ '-t', -1 ], [ '-e', -1 ], [ '-m', '-1' ]) {
	my ($output, $status) = run("QUIT\r\n", [ program('smtp-stdio'), '-d', $root, @$flags ]);
	is("$status $output", '64 ', "@$flags is a wrong use");
}

done_testing;
