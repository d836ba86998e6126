# Whatever a server answers, at whatever step: smtp-send ends soon, with one line that says
# what was wrong, and never takes for sent what was not.
use strict;
use warnings;
use lib 'tests/lib';
use MailTest;
use SendTest;
use Time::HiRes qw(time);

my $message = "Subject: hello\n\nHello.\n";
my $slowest = 0;

# Where in a session, and the code that belongs there.
my %step = ('+' => 220, EHLO => 250, MAIL => 250, RCPT => 250, DATA => 354, '.' => 250);

# What is answered, with the good code as %d: a name, the text, the status, and what is said
# (or several that may be).
my @broken = (
	[ 'no code', 'hello\r\n', 69 ],
	[ 'two digits', '25\r\n', 69 ],
	[ 'four digits', '%d0 yes\r\n', 69 ],
	[ 'a code with something behind', '%d+yes\r\n', 69 ],
	[ 'a code of letters', 'twofifty\r\n', 69 ],
	[ 'a blank in front', ' %d yes\r\n', 69 ],
	[ 'an empty line', '\r\n', 69 ],
	[ 'digits of another script', '\xd9\xa2\xd9\xa5\xd9\xa0 yes\r\n', 69 ],
	[ 'a code of another class', '150 wait\r\n', 69 ],
	[ 'a code past all classes', '999 yes\r\n', 69 ],
	[ 'a code below all classes', '050 yes\r\n', 69 ],
	[ 'a NUL', '%d y\0es\r\n', 69, qr/control characters/ ],
	[ 'a CR in the line', '%d y\res\r\n', 69, qr/control characters/ ],
	[ 'codes that change', '%d-yes\r\n550 no\r\n', 69 ],
	[ 'codes that change to a good one', '550-no\r\n%d yes\r\n', 69 ],
	[ 'a line in between that is none', '%d-yes\r\nwhat?\r\n%d yes\r\n', 69 ],
	[ 'a long line', '%d {times 100000 x}\r\n', 69, qr/no end/ ],
	[ 'a line without an end', '%d {endless x}', 69, qr/no end/ ],
	[ 'no end of lines', '{endless %d-yes\r\n}', 69 ],
	[ 'a cut line', '%d ye{close}', 75 ],
	[ 'a cut code', '2{close}', 75 ],
	[ 'a cut reply', '%d-yes\r\n{close}', 75 ],
	[ 'nothing', '{close}', 75 ],
);

for my $verb (sort keys %step) {
	subtest "answers to $verb" => sub {
		for (@broken) {
			my ($name, $text, $status, $says) = @$_;
			$text =~ s/%d/$step{$verb}/g;
			my $began = time;
			is_refused($name, $status, $says || qr/./, $message, [ 'bob@example.com', odd_server("$verb=$text") ]); ## smtp-send-reply-b
			my $took = time - $began;
			$slowest = $took if $took > $slowest;
		}
	};
}
cmp_ok($slowest, '<', 20, 'none of them holds it up') or diag("$slowest seconds");

# A code that is good elsewhere is not good here
is_refused("$$_[0] with $$_[1]", 69, qr/with $$_[1]/, $message, [ 'bob@example.com', odd_server("$$_[0]=$$_[1] yes\\r\\n") ])
    for [ '+', 354 ], [ 'EHLO', 354 ], [ 'MAIL', 354 ], [ 'RCPT', 354 ], [ 'DATA', 250 ], [ '.', 354 ];

# What is no fault of a server
is_sent("$$_[0] at $$_[1]", $message, [ '-T', 10, 'bob@example.com', odd_server("$$_[1]=$$_[2]") ])
    for [ 'slowness', 'EHLO', '{slowly 250-odd.example\r\n250 8BITMIME\r\n}' ], [ 'slowness', '.', '{slowly 250 yes\r\n}' ],
    map({ [ 'many lines', $_, "{times 50 $step{$_}-yes\\r\\n}$step{$_} yes\\r\\n" ] } 'EHLO', 'MAIL', 'RCPT', 'DATA', '.'),
    map({ [ 'a code alone', $_, "$step{$_}\\r\\n" ] } sort keys %step),
    map({ [ 'text of controls and of no characters', $_, "$step{$_} \\x1b[2J\\xff\\x07\\r\\n" ] } sort keys %step),
    [ 'another good code', 'MAIL', '251 yes\r\n' ], [ 'another good code', 'RCPT', '251 yes\r\n' ],
    [ 'another good code', '.', '252 yes\r\n' ];

# What a server says is shown, and can do nothing to a terminal
is_refused('controls in a reply', 69, qr/with 550 \?\[2J\?no\?/, $message, [ 'bob@example.com', odd_server('MAIL=550 \x1b[2J\xffno\x07\r\n') ]); ## smtp-send-reply-d
# All lines of a reply are told in one
is_refused('a reply of several lines', 69, qr/with 550.5\.7\.1 No\b.*\bthank you/, $message,
    [ 'bob@example.com', odd_server('MAIL=550-5.7.1 No\r\n550 5.7.1 thank you\r\n') ]); ## smtp-send-reply-c

# Keywords of EHLO that are broken are none
is_sent("EHLO says $_", $message, [ 'bob@example.com', odd_server('-k', $_) ])
    for 'SIZE', 'SIZE 0', 'SIZE x', 'SIZE 99999999999999999999999999', 'AUTH', 'AUTH=LOGIN', 'LIMITS', 'LIMITS RCPTMAX=0', 'LIMITS RCPTMAX=x',
    'LIMITS RCPTMAX=99999999999999999999', 'DSN', 'X' x 400, 'chunking', 'SMTPUTF8 x', '';

# A login at such a server
my $password = own_file("secret\n");
my @login = ('-u', 'bob@example.com', '-w', $password, 'bob@example.com');
is_refused("AUTH, $$_[0]", $$_[2], $$_[3] || qr/./, $message, [ @login, odd_server('-k', 'AUTH ' . ($$_[4] || 'SCRAM-SHA-256'), @{$$_[1]}) ])
    for [ 'no proof', [ 'AUTH=235 2.7.0 Yes\r\n' ], 69, qr/proven/ ],
    [ 'not in base 64', [ 'AUTH=334 ???\r\n' ], 69, qr/base 64/ ],
    [ 'an empty challenge', [ 'AUTH=334 \r\n' ], 69 ],
    [ 'another code', [ 'AUTH=354 go\r\n' ], 69 ],
    [ 'somebody else\'s nonce', [ 'AUTH=334 cj14eHh4eHh4eHh4eHh4LHM9YWJjZCxpPTQwOTY=\r\n' ], 69 ],
    [ '535', [ 'AUTH=535 5.7.8 No\r\n' ], 69, qr/AUTH.* with 535 5\.7\.8 No$/ ],
    [ '454', [ 'AUTH=454 4.7.0 Later\r\n' ], 75, qr/AUTH.* with 454 4\.7\.0 Later$/ ],
    [ 'the end', [ 'AUTH={close}' ], 75 ],
    [ 'challenges without end', [ 'AUTH=334 \r\n', '?=334 \r\n' ], 69, undef, 'PLAIN' ],
    [ 'challenges without end', [ 'AUTH=334 \r\n', '?=334 \r\n' ], 69, undef, 'LOGIN' ],
    [ 'no mechanism that is known', [], 69, undef, 'GSSAPI NTLM' ]; ## smtp-send-login-a
done_testing;
