# The form of all replies, whatever came: a session in which everything goes wrong that
# can, under the longest host name.
use strict;
use warnings;
use lib 'tests/lib';
use MailTest;

# The codes of the IANA registry (RFC 5248), class left out.
my %REGISTERED = map { $_ => 1 } qw(0.0 1.0 1.1 1.2 1.3 1.4 1.5 1.6 1.7 1.8 1.9 1.10 2.0 2.1 2.2 2.3 2.4
	3.0 3.1 3.2 3.3 3.4 3.5 3.6 4.0 4.1 4.2 4.3 4.4 4.5 4.6 4.7 5.0 5.1 5.2 5.3 5.4 5.5 5.6
	6.0 6.1 6.2 6.3 6.4 6.5 6.6 6.7 6.8 6.9 6.10 7.0 7.1 7.2 7.3 7.4 7.5 7.6 7.7 7.8 7.9 7.10
	7.11 7.12 7.13 7.14 7.15 7.16 7.17 7.18 7.19 7.20 7.21 7.22 7.23 7.24 7.25 7.26 7.27 7.28 7.29 7.30);

my $host = join '.', map { $_ x 63 } 'a' .. 'd';
my $root = new_root('bob@example.com');
my $client = start('smtp-stdio', $root, [ '-h', $host, '-e', 1000, '-m', 1000 ], wire => 'socket');

my @odd = ("\x01\x1b[2J", "\xff\xfe\x80", "\xc3\xb6\xe2\x82\xac", "\0", "\n", "\r", "\t", '%s%n%1000d', '<script>',
    'x' x 400, 'y' x 4000, 'z' x 20000);
my @commands = ('', ' ', 'FOO', 'NOOP', 'NOOP x', 'HELP', 'HELP MAIL', 'VRFY', 'VRFY bob', 'VRFY nobody', 'EXPN',
    'EHLO', 'HELO', 'EHLO a b', 'MAIL FROM:<a@b>', 'RCPT TO:<bob@example.com>', 'DATA', 'DATA x', 'RSET x', 'QUIT x',
    'AUTH PLAIN', 'STARTTLS', 'LHLO x', 'BDAT 0', 'HELO client.example', 'EHLO client.example', 'RCPT TO:<bob@example.com>',
    'AUTH', 'AUTH NONE', 'AUTH PLAIN', 'AUTH LOGIN', 'AUTH PLAIN x y', 'AUTH SCRAM-SHA-256 !', 'AUTH SCRAM-SHA-256', '*', 'AUTH SCRAM-SHA-256', '!',
    'MAIL FROM:<a@b> AUTH=x', 'DATA', 'MAIL', 'MAIL FROM:', 'MAIL FROM:<', 'MAIL FROM:<a@b> FOO', 'MAIL FROM:<a@b> SIZE=x',
    'MAIL FROM:<a@b> SIZE=2000', 'MAIL FROM:<a@b>', 'MAIL FROM:<a@b>', 'RCPT', 'RCPT TO:<>', 'RCPT TO:<nobody@example.com>',
    'RCPT TO:<bob@elsewhere.example>', 'DATA');
for my $odd (@odd) {
	push @commands, $odd, "NOOP $odd", "VRFY $odd", "HELP $odd", "EHLO $odd", "HELO $odd", "EXPN $odd", "AUTH $odd", "FOO$odd",
	    'RSET', 'HELO client.example', "MAIL FROM:<$odd\@b>", "MAIL FROM:<a\@b> $odd", "MAIL FROM:<a\@b> X=$odd", 'RSET',
	    'MAIL FROM:<a@b>', "RCPT TO:<$odd\@example.com>", "RCPT TO:<bob\@$odd>", "RCPT TO:<bob\@example.com> $odd", "DATA $odd";
}

my @replies = ([ 'connect', $client->reply ]);
# Which of the odd command lines the server takes does not matter here, only that each
# has one reply: a NOOP behind it would find out that there was another.
for my $command (@commands) {
	push @replies, [ $command, $client->ask($command) ];
	push @replies, [ 'DATA', $client->ask("text\r\n.") ] if $replies[-1][1] =~ /^354/;
}
$client->ask('RSET');
$client->ask('HELO client.example');
for my $message ('text', "bare\nlf", "nul\0", "big\r\n" x 1000, "Received: x\r\n" x 101 . "\r\n", "\xff\r\n") {
	push @replies, map { [ $_, $client->ask($_) ] } 'MAIL FROM:<a@b>', 'RCPT TO:<bob@example.com>', 'DATA', "$message\r\n.";
}
push @replies, [ 'NOOP', my $noop = $client->ask('NOOP') ], [ 'QUIT', $client->ask('QUIT') ];
like($noop, qr/^250 2\.0\.0/, 'the NOOP behind all that has its own reply'); ## smtp-5321-4.2-e
is($client->rest, '', 'nothing comes behind the reply to QUIT'); ## smtp-5321-4.2-e

my (@form, @digits, @codes, @octets, @long, @enhanced, @class, @greeting, @registry);
for (@replies) {
	my ($command, $reply) = @$_;
	my @lines = split /\n/, $reply, -1;
	my $say = Program::visible($command) . ' -> ' . Program::visible($reply);
	my $last = pop @lines;
	push @form, $say unless $last =~ /^\d{3} / && !grep { !/^\d{3}-/ } @lines;
	push @digits, $say unless $last =~ /^[2-5][0-5]/;
	push @octets, $say if $reply =~ /[^\x20-\x7e\t\n]/;
	push @long, $say if grep { length() + 2 > 512 } @lines, $last;
	# A line must have the code of the last one, and its enhanced code where it has one.
	my ($code, $enhanced) = $last =~ /^(\d{3}) (?:(\d\.\d{1,3}\.\d{1,3})(?: |$))?/;
	push @codes, $say if grep { !/^$code-/ || defined $enhanced && !/^$code-\Q$enhanced\E(?: |$)/ } @lines;
	if ($command =~ /^(?:connect|EHLO|HELO)/i && $command !~ /[\0\r\n]/ && length $command <= 4094 || $code == 354 || $code == 334) {
		push @greeting, $say if defined $enhanced;
		next;
	}
	push @enhanced, $say unless defined $enhanced;
	next unless defined $enhanced;
	push @class, $say unless substr($enhanced, 0, 1) eq substr($code, 0, 1);
	push @registry, $say unless $REGISTERED{substr $enhanced, 2};
}
is_deeply(\@form, [], 'a code, a hyphen or a blank, text'); ## smtp-5321-4.2-a
is_deeply(\@digits, [], 'the first digit is 2 to 5, the second 0 to 5'); ## smtp-5321-4.2-b
is_deeply(\@codes, [], 'all lines of a reply have the same codes'); ## smtp-5321-4.2-c
is_deeply(\@octets, [], 'text is printable ASCII, whatever the client sent'); ## smtp-5321-4.2-d
is_deeply(\@long, [], 'no line has more than 512 octets'); ## smtp-5321-4.5.3.1.5
is_deeply(\@enhanced, [], 'an enhanced code in each reply'); ## smtp-2034-3-a
is_deeply(\@greeting, [], 'but none in the greeting, after EHLO and HELO, and none in 354 and 334'); ## smtp-2034-3-c
is_deeply(\@class, [], 'its class is the first digit of the reply'); ## smtp-2034-3-b
is_deeply(\@registry, [], 'it stands in the registry'); ## smtp-5248-2

my %reply_to = map { @$_ } @replies;
is($reply_to{'VRFY bob'}, $reply_to{'VRFY nobody'}, 'VRFY: known and unknown look alike'); ## smtp-5321-3.5.3-a

done_testing;
