# The queue goes to Exim, as the server that sends everything on: by TLS and a login, over
# TCP, and to one that is run for it (exim -bs).  Exim has a configuration, a spool and a
# port of its own here.
use strict;
use warnings;
use lib 'tests/lib';
use Exim;
use PeerTest;
use QueueTest;
use RelayTest;
use SendTest;
use Test::More;

need(root => 1, exim4 => 'exim4-daemon-light', openssl => 'openssl');

my ($port, $dir, $certificate) = exim_relay();
my $root = mail_root('anna@client.example');
my @login = ('-u', 'bob@example.com', '-w', own_file("secret\n"));
my @tls = by_tls($certificate, $port);
my $anna = 'anna@client.example';

# What has arrived in a mailbox there: so many messages.
sub arrived
{
	my ($user, $count) = @_;
	return taken_out($user, $count, sub { glob "$dir/mail/$user/new/*" });
}

# Runs the queue, to the end.  Returns the recipients with what was said of each.
sub outcome
{
	my ($status, $log) = run_queue($root, @_);
	is($status, 0, 'all that was due was dealt with') or diag($log);
	return outcomes($log);
}

subtest 'by TLS and a login' => sub {
	my $first = enqueue($root, from => $anna, message => letter('one'), to => [map { "$_\@example.net" } 'bob', 'nobody', 'full', 'alice']);
	is(outcome(@login, @tls), 'alice@example.net=250 bob@example.net=250 full@example.net=451 nobody@example.net=550', 'what became of each'); ## smtp-send-queue-peers
	my ($letter) = arrived('bob', 1);
	like($letter, qr/^Received: from \S*.*\bmail\.example\.org\b.*\bwith esmtpsa\b/ms, 'by TLS, with a login');
	like($letter, qr/\n\n\.text of one\n\.\.\n\z/, 'and every line of it');
	arrived('alice', 1);
	like(envelope($root, $first), qr/\nto 1 \d+ <full\@example\.net>\nsaid relay\.example: 451 4\.2\.2 Full\n\z/, 'one waits');
	unlink map { "$root/outgoing/$_/$first" } 'envelope', 'message';
	my ($report, @more) = map { slurp($_) } stored($root, $anna);
	ok(defined $report && !@more, 'there is one report');
	like($report // '', qr/^Final-Recipient: rfc822; ?nobody\@example\.net\nAction: failed\nStatus: 5\.1\.1\n/m, 'about the one who was refused');
};

subtest 'more recipients than it takes at once' => sub {
	my @users = map { "user$_" } 1 .. 12;
	enqueue($root, from => $anna, to => [map { "$_\@example.com" } @users]);
	is(outcome('-S', "127.0.0.1:$port"), join(' ', sort map { "$_\@example.com=250" } @users), 'in one run');
	arrived($_, 1) for @users;
	is(join(' ', queue_ids($root)), '', 'nothing is left');
};

subtest 'what Exim offers' => sub {
	enqueue($root, from => 'jürgen@münchen.example SMTPUTF8', message => "Subject: Grüße\n\ntext\n", to => ['büro@example.com']);
	enqueue($root, from => "$anna BODY=8BITMIME", message => "Subject: x\n\nGr\xfc\xdfe\n", to => ['bob@example.com']);
	my $large = enqueue($root, from => $anna, message => "Subject: x\n\n" . "x\n" x 600000, to => ['bob@example.com']);
	my @codes = outcome('-S', "127.0.0.1:$port") =~ /=(\d)/g;
	is(join(' ', sort @codes), '2 2 5', 'what became of each');
	like((arrived('büro', 1))[0], qr/^Subject: Grüße\n/m, 'addresses in UTF-8');
	like((arrived('bob', 1))[0], qr/\n\nGr\xfc\xdfe\n\z/, 'eight bits');
	is(join(' ', queue_ids($root)), '', 'nothing is left');
	like(join('', map { slurp($_) } stored($root, $anna)), qr/^Status: 5\.3\.4\n/m, 'what was too large is reported');
};

subtest 'many messages' => sub {
	enqueue($root, from => $anna, message => letter($_), to => ['bob@example.com']) for 1 .. 100;
	is(outcome('-j', 4, @login, @tls), join(' ', ('bob@example.com=250') x 100), 'all are sent');
	exim($dir, '', '-q');   # of more than ten on a connection it sends the rest later
	my @subjects = sort { $a <=> $b } map { /^Subject: (\d+)$/m } arrived('bob', 100);
	is("@subjects", join(' ', 1 .. 100), 'each once');
};

subtest 'exim -bs' => sub {
	enqueue($root, from => $anna, message => letter('bs'), to => ['bob@example.com', 'nobody@example.com']);
	is(outcome('--', 'exim4', '-C', "$dir/exim.conf", '-bs'), 'bob@example.com=250 nobody@example.com=550', 'what became of each');
	like((arrived('bob', 1))[0], qr/\n\n\.text of bs\n\.\.\n\z/, 'it is there');
};
done_testing();
