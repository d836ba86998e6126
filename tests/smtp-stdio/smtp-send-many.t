# Many recipients: as many transactions as the server wants, everybody once, and each who is
# refused is named.  What the server can take ahead of its replies does not stop it.
use strict;
use warnings;
use lib 'tests/lib';
use MailTest;
use SendTest;

my $message = "From: anna\@example.org\nSubject: x\n\ntext\n";
my @many = map { "user$_\@example.com" } 1 .. 2500;

# A server that says how many it takes, and one that does not
for ([ 'RCPTMAX=1000', [ '-k', 'LIMITS RCPTMAX=1000' ], 3 ], [ 'no limit', [], 1 ]) {
	my ($name, $flags, $transactions) = @$_;
	my $log = own_file('');
	is_sent($name, $message, [ @many, odd_server('-l', $log, @$flags) ], limit => 60);
	my $said = contents($log);
	is(scalar(() = $said =~ /^MAIL FROM/mg), $transactions, "$name: transactions"); ## smtp-send-limits
	is(join(' ', $said =~ /^RCPT TO:<(.*)>\r$/mg), "@many", "$name: everybody once");
}

# Ours, with accounts for some of them
my $root = new_root('someone@example.com', '*@example.net');
my @unknown = map { "nobody$_\@example.com" } 1 .. 1500;
my ($status, $said) = smtp_send($message, [ 'someone@example.com', (map { "$_\@example.net" } 1 .. 1200), @unknown,
    '--', program('smtp-stdio'), '-d', $root, '-e', 100000 ], limit => 120);
is($status, 69, 'some are refused');
is(scalar(() = $said =~ /^smtp-send: .* 550 5\.1\.1 /mg), 1500, 'each of them has a line');
is(scalar(split /\n/, $said), 1500, 'and there are no other lines');
is(scalar messages($root, 'someone@example.com'), 1, 'the others have it');
is(scalar messages($root, '*@example.net'), 2, 'once for each transaction');

# Long addresses, and a reply of many lines to each: more than fits into what is between the two
my @long = map { sprintf '%s%04d@%s.example', 'x' x 60, $_, join('.', ('y' x 60) x 2) } 1 .. 1000;
my $log = own_file('');
is_sent('long addresses and long replies', $message, [ @long, odd_server('-l', $log, 'RCPT={times 5 250-' . 'z' x 400 . '\r\n}250 yes\r\n') ], limit => 120);
is(scalar(() = contents($log) =~ /^RCPT TO/mg), 1000, 'all of them');

# One at a time: a server that never takes a second one in a transaction
$log = own_file('');
is_sent('one a transaction', $message, [ @many[0 .. 49], odd_server('-l', $log, '-k', 'LIMITS MAILMAX=5 RCPTMAX=1') ]);
is(scalar(() = contents($log) =~ /^MAIL FROM/mg), 50, '50 transactions');
done_testing;
