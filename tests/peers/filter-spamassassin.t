# SpamAssassin as a filter (-f), with local rules only: by itself, and as a daemon that spamc
# asks.  What it marks is delivered with its marks, what it takes for spam is refused, and
# while it cannot be asked nothing is refused for good, and nothing is lost.
use strict;
use warnings;
use lib 'tests/lib';
use Cwd qw(getcwd);
use Filter;
use MailTest;
use POSIX qw(strftime);

my %path = (
	spamassassin => need('spamassassin', 'spamassassin'),
	spamc => need('spamc', 'spamc'),
	spamd => need('spamd', 'spamd'),
);
my $scripts = getcwd() . '/tests/peers/filter';
my $home = new_file('home');
mkdir $home, 0700 or die "$home: $!\n";
my %environment = (HOME => $home, REMOTE_ADDR => '198.51.100.7');

# Text by which SpamAssassin can be tested; in two pieces, so that it is nowhere in this file.
my $spam_text = 'XJS*C4JDBQADN1.NSBN3*2IDNEN*' . 'GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X';
my $header = "From: <sender\@client.example>\nTo: <bob\@example.com>\nSubject: a letter\n"
    . 'Date: ' . strftime('%a, %d %b %Y %H:%M:%S +0000', gmtime) . "\nMessage-ID: <1\@client.example>\n\n";
my $good = "${header}Dear Bob,\n.a dot\nhow is your garden?\n";
my $spam = "$header$spam_text\n";

# What was said, and the stored message, if any.
sub filtered {
	my ($filter, $message, %with) = @_;
	my $root = new_root('bob@example.com');
	my $reply = mail_through(root => $root, filter => $filter, message => $message, to => ['<bob@example.com>'],
	    environment => \%environment, limit => 120, %with);
	my @there = messages($root, 'bob@example.com');
	is_deeply([ left_over($root) ], [], 'nothing is left over'); ## smtp-stdio-store-c
	ok(has_true_sizes($_), 'its sizes are true') for @there; ## smtp-stdio-store-a
	return ($reply, map { contents($_) } @there);
}

sub is_marked {
	my ($stored) = @_;
	like($stored, qr/^X-Spam-Status: No, /m, 'delivered with its marks'); ## smtp-stdio-filter
	unlike($stored, qr/UNPARSEABLE_RELAY/, 'our Received line can be read'); ## smtp-5321-4.4-a
	like($stored, qr/\AReturn-Path: <sender\@client\.example>\n/, 'Return-Path is on top'); ## smtp-5321-4.4-e
	like($stored, qr/\n\nDear Bob,\n\.a dot\nhow is your garden\?\n\z/, 'and the text as it was'); ## smtp-stdio-filter
}

subtest 'spamassassin' => sub {
	my ($reply, $stored) = filtered("$scripts/spamassassin -L", $good);
	like($reply, qr/^250 2\.0\.0 /, 'a letter: taken'); ## smtp-stdio-filter
	is_marked($stored);
	($reply, $stored) = filtered("$scripts/spamassassin -L", $spam);
	like($reply, qr/^550 5\.7\.1 This looks like spam$/, 'spam: refused'); ## smtp-stdio-filter
	is($stored, undef, 'and not delivered'); ## smtp-stdio-filter
	($reply, $stored) = filtered('spamassassin -L', $spam);
	like($reply, qr/^250 2\.0\.0 /, 'without a script: taken'); ## smtp-stdio-filter
	like($stored, qr/^X-Spam-Flag: YES$/m, 'and marked'); ## smtp-stdio-filter
};

subtest 'spamc' => sub {
	my $port = free_port();
	my $command = "$scripts/spamc -d 127.0.0.1 -p $port -t 60";
	my ($reply, $stored) = filtered($command, $good);
	like($reply, qr/^451 4\.3\.0 /, 'while the daemon is not there: later'); ## smtp-stdio-filter
	is($stored, undef, 'and nothing is delivered'); ## smtp-stdio-filter

	my $log = new_file('log');
	my $daemon = Program->start(command => [ $path{spamd}, '-L', '-x', '-m', 1, '-i', '127.0.0.1', '-A', '127.0.0.1', '-p', $port,
	    '-s', 'stderr', '-r', "$home/pid", '-H', $home, $> == 0 ? ('-u', 'nobody') : () ],
	    wire => 'null', errors => $log, environment => { HOME => $home }, group => 1, limit => 60);
	chmod 0777, $home;
	ok(wait_until(sub { can_connect($port) }, 60), 'the daemon listens') or diag contents($log);
	($reply, $stored) = filtered($command, $good);
	like($reply, qr/^250 2\.0\.0 /, 'a letter: taken') or diag contents($log); ## smtp-stdio-filter
	is_marked($stored);
	($reply, $stored) = filtered($command, $spam);
	like($reply, qr/^550 5\.7\.1 This looks like spam$/, 'spam: refused') or diag contents($log); ## smtp-stdio-filter
	is($stored, undef, 'and not delivered'); ## smtp-stdio-filter
	($reply, $stored) = filtered("spamc -d 127.0.0.1 -p $port -t 60", $spam);
	like($reply, qr/^250 2\.0\.0 /, 'without a script: taken'); ## smtp-stdio-filter
	like($stored, qr/^X-Spam-Flag: YES$/m, 'and marked'); ## smtp-stdio-filter
	my @replies = filtered($command, $spam, flags => ['-l']);
	like($replies[0], qr/^550 5\.7\.1 /, 'by LMTP: the same'); ## smtp-stdio-filter
	$daemon->signal('TERM');
	ok(wait_until(sub { !can_connect($port) }, 30), 'the daemon ends');
	$daemon->stop;
	($reply, $stored) = filtered($command, $good);
	like($reply, qr/^451 4\.3\.0 /, 'when it has gone: later'); ## smtp-stdio-filter
};

done_testing;
